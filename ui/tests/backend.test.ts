import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { toUiError } from "../src/backend";
import { httpBackend, openSession } from "../src/backend/http";

const fetched = vi.fn<(path: string, init: RequestInit) => Promise<Response>>();

beforeEach(() => {
  vi.stubGlobal("fetch", fetched);
});

afterEach(() => {
  fetched.mockReset();
  vi.unstubAllGlobals();
  window.location.hash = "";
});

function answer(status: number, body: string): void {
  fetched.mockResolvedValueOnce(new Response(body, { status }));
}

describe("the browser shell", () => {
  test("posts the arguments to the command and gives its answer", async () => {
    answer(200, '{"version":"0.1.0"}');
    await expect(httpBackend().call("start", { a: 1 })).resolves.toEqual({ version: "0.1.0" });
    const [path, init] = fetched.mock.calls[0] ?? [];
    expect(path).toBe("/call/start");
    expect(init?.method).toBe("POST");
    expect(init?.body).toBe('{"a":1}');
  });

  test.each([409, 422, 500])("an answer %d is rejected with its UiError", async (status) => {
    answer(status, '{"code":"sign-wrong-pin","args":{"left":"2"},"findings":[],"trace":"t1","help":"certificates"}');
    await expect(httpBackend().call("sign_and_submit", {})).rejects.toEqual({
      code: "sign-wrong-pin",
      args: { left: "2" },
      findings: [],
      trace: "t1",
      help: "certificates",
    });
  });

  test("no answer at all says that the program is gone", async () => {
    fetched.mockRejectedValueOnce(new TypeError("Failed to fetch"));
    await expect(httpBackend().call("home", {})).rejects.toMatchObject({ code: "ui-no-answer" });
  });

  test("an answer that is no JSON is an unexpected fault, not a crash", async () => {
    answer(502, "<html>Bad gateway</html>");
    await expect(httpBackend().call("home", {})).rejects.toMatchObject({ code: "ui-unexpected", findings: [] });
  });

  test("a refusal without a body is an unexpected fault", async () => {
    answer(404, "");
    await expect(httpBackend().call("nothing", {})).rejects.toMatchObject({ code: "ui-unexpected" });
  });

  test.each([401, 403])("an answer %d says that the page is no longer known", async (status) => {
    answer(status, "");
    await expect(httpBackend().call("home", {})).rejects.toMatchObject({ code: "ui-no-session" });
  });

  test("an empty answer is null", async () => {
    answer(200, "");
    await expect(httpBackend().call("anything", {})).resolves.toBeNull();
  });
});

describe("the one-time token", () => {
  test("is traded for a session and leaves the address bar first", async () => {
    window.location.hash = "#t=abc123";
    fetched.mockImplementationOnce(async () => {
      expect(window.location.hash, "gone before anything is sent").toBe("");
      return new Response(null, { status: 204 });
    });
    await openSession();
    expect(fetched.mock.calls[0]?.[0]).toBe("/session");
    expect(fetched.mock.calls[0]?.[1].body).toBe('{"token":"abc123"}');
  });

  test("a reload without one asks for nothing", async () => {
    await openSession();
    expect(fetched).not.toHaveBeenCalled();
  });
});

describe("whatever was thrown", () => {
  test("becomes a UiError with all its parts", () => {
    expect(toUiError({ code: "x-y" })).toEqual({ code: "x-y", args: {}, findings: [], trace: "", help: null });
    expect(toUiError("command not found")).toMatchObject({
      code: "ui-unexpected",
      args: { detail: "command not found" },
    });
    expect(toUiError(undefined)).toMatchObject({ code: "ui-unexpected" });
  });
});
