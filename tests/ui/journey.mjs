// The pages in Debian's Chromium on the true core (huijiao-web), with the practice center behind it.
// Run: node tests/ui/journey.mjs [PART OF A NAME]   (after cargo build -p huijiao-web, and npm ci and npm run build in ui/;
// CHROMIUM names another browser than /usr/bin/chromium). Pictures of every screen go to tests/ui/output.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch as watchFolder,
} from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as clerk from "./clerk.mjs";
import { needed, raw, startDesk } from "./desk.mjs";
import { corners, filledIn, gb18030 } from "./files.mjs";
import { look, openBrowser, watch } from "./look.mjs";
import { ATTEMPTS, OUTCOME, REFUSED } from "./policy.mjs";

const {
  accept,
  blocking,
  button,
  cell,
  dialog,
  edit,
  heading,
  jumpTo,
  LONG,
  shows,
  sign,
} = clerk;

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const parts = needed(root);
if (parts.missing.length > 0) {
  for (const line of parts.missing) console.log(line);
  console.log("0 passed, 1 failed");
  process.exit(1);
}
const tools = await openBrowser(root);
const watched = watch();
/** What axe and the layout had against any screen. */
const blemishes = [];
const picture = (page, name) => look(page, name, tools, blemishes);

/** A data folder, the programs started on it and their pages; all gone when the case is over. */
class Room {
  // As many a user's own: a name in Chinese, and a blank.
  folder = mkdtempSync(join(tmpdir(), "汇缴通 张三-"));
  #desks = [];
  #contexts = [];

  async start() {
    const desk = await startDesk(parts, this.folder);
    this.#desks.push(desk);
    return desk;
  }

  /** A browser of its own at the address that the program gave. */
  async open(desk, { expects = [], clipboard = false } = {}) {
    const context = await tools.browser.newContext({
      locale: "zh-CN",
      viewport: { width: 1366, height: 820 },
    });
    this.#contexts.push(context);
    watched.listen(context, expects);
    context.setDefaultTimeout(LONG);
    if (clipboard)
      await context.grantPermissions(["clipboard-read", "clipboard-write"], {
        origin: desk.origin,
      });
    const page = await context.newPage();
    await page.goto(desk.url);
    return page;
  }

  /** New data, unlocked, inside the practice. */
  async practice(options) {
    const desk = await this.start();
    const page = await this.open(desk, options);
    await clerk.setPassphrase(page);
    await clerk.enterPractice(page);
    return { desk, page };
  }

  async failed(name) {
    for (const [index, context] of this.#contexts.entries()) {
      for (const page of context.pages()) {
        await page
          .screenshot({ path: join(tools.pictures, `failed-${index}.png`) })
          .catch(() => {});
        const text = await page
          .locator("body")
          .innerText()
          .catch(() => "");
        console.log(
          `  page of «${name}»: ${text.slice(0, 600).replaceAll("\n", " / ")}`,
        );
      }
    }
  }

  async clear() {
    for (const context of this.#contexts) await context.close();
    for (const desk of this.#desks) await desk.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A file that the user chooses. */
async function choose(page, file) {
  const open = button(
    page.getByRole("region", { name: "打开工作簿" }),
    "打开工作簿",
  );
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    open.click(),
  ]);
  await chooser.setFiles({ mimeType: "application/octet-stream", ...file });
}

/** A file that the user drops on the window. */
async function drop(page, { name, buffer }) {
  await page.evaluate(
    ([file, bytes]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([Uint8Array.from(bytes)], file));
      for (const type of ["dragenter", "dragover", "drop"]) {
        document.body.dispatchEvent(
          new DragEvent(type, {
            bubbles: true,
            cancelable: true,
            dataTransfer,
          }),
        );
      }
    },
    [name, [...buffer]],
  );
}

/** The unit's own people as a payroll program of long ago would write them. */
function ownFile(folder) {
  const people = clerk
    .roster(folder)
    .filter((person) => person.status === "normal")
    .slice(0, 12);
  assert.equal(people.length, 12, "the practice roster has people to file for");
  const lines = people.map((p) =>
    [p.personal_account, p.name, p.id_number, p.base, p.base].join(","),
  );
  const text = `个人账号,姓名,证件号码,调整前缴存基数,调整后缴存基数\r\n${lines.join("\r\n")}\r\n`;
  return {
    people,
    file: { name: "七月工资表（自制）.csv", buffer: gb18030(text) },
  };
}

/** A key and a certificate of its own, by openssl. */
function selfSigned(folder, name, holder) {
  const [key, certificate] = [
    join(folder, `${name}.key`),
    join(folder, `${name}.pem`),
  ];
  const args = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-utf8",
  ];
  const more = [
    "-subj",
    `/CN=${holder}`,
    "-days",
    "30",
    "-keyout",
    key,
    "-out",
    certificate,
  ];
  execFileSync("openssl", [...args, ...more], { stdio: "ignore" });
  return { key: readFileSync(key), certificate: readFileSync(certificate) };
}

/** A resident's number from its first 17 digits. */
function residentId(front) {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = [...front].reduce(
    (total, digit, place) => total + Number(digit) * weights[place],
    0,
  );
  return front + "10X98765432"[sum % 11];
}

const filings = (page) =>
  page.getByRole("region", { name: "申报", exact: true }).locator("tbody tr");
const drafts = (page) =>
  page.getByRole("region", { name: "草稿", exact: true }).locator("tbody tr");

const cases = {
  "a payroll becomes the filings of the month": async (room) => {
    const { page } = await room.practice();
    await button(page, "智能比对").click();
    await page.getByRole("button", { name: "04-七月工资表" }).click();
    await button(page, "开始比对").click();
    await heading(page, "智能比对").waitFor();
    const group = (name) =>
      page
        .getByRole("navigation", { name: "比对结果分组" })
        .getByRole("button", { name });
    await group("表中没有此人").waitFor();
    await picture(page, "comparison");
    assert.ok(
      await button(page, "生成申报").isDisabled(),
      "nothing is made while somebody waits",
    );
    const rest = page.locator(".rest");
    await rest.getByRole("combobox").first().selectOption("seal");
    await rest.getByRole("combobox").nth(1).selectOption("解除或终止劳动关系");
    await group(/^表中没有此人\s*2$/).waitFor();
    for (const name of ["姓名不同", "证件号码不同"]) {
      await group(name).click();
      // The line of this group: that of the one before may still stand there.
      await page
        .locator("tbody tr", { hasText: name })
        .getByRole("combobox")
        .first()
        .selectOption("update");
      await group(new RegExp(`^${name}\\s*1$`)).waitFor();
    }
    await picture(page, "comparison-answered");
    await button(page, "生成申报").click();
    await heading(page, "已生成").waitFor();
    await page.getByRole("button", { name: "缴存人状态变更 4 人" }).waitFor();
    await picture(page, "comparison-made");
    await page.getByRole("button", { name: /^收回全部草稿/ }).click();
    await page.getByText(/^已收回 \d+ 份草稿$/).waitFor();
    await heading(page, "将生成").waitFor();
    await picture(page, "comparison-taken-back");
    await button(page, "恢复这些草稿").click();
    await heading(page, "已生成").waitFor();
    await page.getByRole("button", { name: "年度基数调整 2 人" }).click();
    await page.getByRole("grid").waitFor();
    await page.getByRole("gridcell", { name: /^9,800\.00/ }).first().waitFor();
    await picture(page, "comparison-draft");
  },
  async "from new data to a verified receipt, through a reload and a second start"(
    room,
  ) {
    const desk = await room.start();
    const page = await room.open(desk);
    await heading(page, "设置数据口令").waitFor();
    await picture(page, "01-passphrase");
    assert.ok(
      !page.url().includes(desk.token),
      "the token is gone from the address bar",
    );
    await page.getByLabel("新口令").fill("七个字还是太短");
    await button(page, "设置并继续").click();
    await page.getByText("口令至少 8 个字符").waitFor();
    await picture(page, "01-passphrase-short");
    await page.getByLabel("新口令").fill(clerk.PASSPHRASE);
    await page.getByLabel("再输入一次").fill(`${clerk.PASSPHRASE}。`);
    await button(page, "设置并继续").click();
    await page.getByText("两次输入的口令不一致").waitFor();
    assert.deepEqual(
      readdirSync(room.folder, { recursive: true }).filter((name) =>
        name.endsWith(".db"),
      ),
      [],
      "no data was made under a passphrase that was refused",
    );
    await clerk.setPassphrase(page);
    await picture(page, "02-start");
    await clerk.enterPractice(page);
    await page.getByText(clerk.UNIT).first().waitFor();
    await page.getByText("演示中心 · 数据仅供练习").waitFor();
    await picture(page, "03-month");

    await page.getByRole("button", { name: clerk.FAULTS }).click();
    await heading(page, "核对导入").waitFor();
    await page.getByText("230 人").waitFor();
    await picture(page, "04-import");
    await accept(page);
    assert.equal(
      await blocking(page),
      11,
      "of twelve faults that were planted eleven stand in the way, one is a question",
    );
    assert.ok(
      await button(page, "去核对签名").isDisabled(),
      "a draft with faults goes nowhere",
    );
    await picture(page, "05-draft");

    const people = new Map(
      clerk
        .roster(room.folder)
        .map((person) => [person.personal_account, person]),
    );
    for (const title of ["证件号码校验不符", "证件号码成了数字"]) {
      const account = await jumpTo(page, title);
      if (title === "证件号码成了数字") await picture(page, "05-draft-jump");
      await edit(page, async () => {
        await page.keyboard.type(people.get(account).id_number);
        await page.keyboard.press("Enter");
      });
      const told = page.locator(".group-title", {
        hasText: new RegExp(`^${title}$`),
      });
      assert.equal(
        await told.count(),
        0,
        `${title}: the ID typed from the paper mends it`,
      );
    }
    assert.equal(await blocking(page), 10, "and nothing else");
    const fixes = page.getByRole("button", { name: /^全部修正 / });
    while ((await fixes.count()) > 0) {
      await fixes.first().click();
      await dialog(page).getByText("修正前", { exact: true }).waitFor();
      const title = await dialog(page).getByRole("heading").first().textContent();
      await button(dialog(page), "全部修正").click();
      await page.getByText(/^已修正 \d+ 处，可以撤销/).waitFor();
      const taken = new RegExp(`^全部修正 \\d+ 处：${title.trim().replace("全部修正：", "")}$`);
      await page.getByRole("button", { name: taken }).waitFor({ state: "detached" });
    }
    for (const title of ["证件号码重复", "本单位没有此人", "公式出错"]) {
      await jumpTo(page, title);
      await edit(page, () => page.keyboard.press("Control+Delete"));
    }
    assert.equal(await blocking(page), 0, "nothing stands in the way any more");
    assert.ok(
      await button(page, "去核对签名").isDisabled(),
      "a warning waits for a word of the clerk",
    );
    await page
      .getByRole("button", { name: /^确认「/ })
      .first()
      .click();
    await dialog(page).getByLabel("核实说明").waitFor();
    await picture(page, "06-confirm");
    await button(dialog(page), "确认").click();
    await dialog(page).getByText("请写明核实的情况", { exact: true }).waitFor();
    await button(dialog(page), "取消").click();
    await clerk.confirmAll(page, "基数待财务核实，下月补报");
    await picture(page, "07-draft-clean");

    await button(page, "去核对签名").click();
    await page.getByText("签名的正是这些数字").waitFor();
    await page.getByText("基数待财务核实，下月补报").waitFor();
    await picture(page, "08-review");
    const digest = (await page.locator("dd .code").textContent()).trim();
    assert.match(
      digest,
      /^[0-9a-f]{64}$/,
      "the digest of what is signed is there before the PIN",
    );
    await page.getByRole("button", { name: "签名并提交…" }).click();
    await dialog(page).getByText("演示证书的 PIN 是").waitFor();
    await picture(page, "09-pin");
    await sign(page, "000000");
    await dialog(page).getByText("PIN 还可试 2 次").waitFor();
    await dialog(page).getByText("PIN 不正确").first().waitFor();
    assert.equal(
      await dialog(page).getByLabel("PIN", { exact: true }).inputValue(),
      "",
      "a PIN stays nowhere",
    );
    await picture(page, "09-pin-wrong");
    await sign(page, clerk.PIN);
    await page.getByText("回执核验通过").waitFor();
    await page.getByText(digest, { exact: true }).waitFor();
    const number = (await page.locator("dd.number").textContent()).trim();
    assert.match(number, /^\S{8,}$/, "the receipt has the center's number");
    await button(page, "导出签名文件").click();
    await page.getByText("已导出到").waitFor();
    await picture(page, "10-filing");
    const exported = join(room.folder, "export");
    const [one, ...more] = readdirSync(exported);
    assert.deepEqual(more, [], "one filing, one folder");
    assert.deepEqual(
      readdirSync(join(exported, one)).sort(),
      [
        "SHA256SUMS.txt",
        "ca-crl.pem",
        "ca.pem",
        "certificates",
        "crl.pem",
        "filing.p7m",
        "receipt.p7m",
        "单证.pdf",
        "说明.txt",
      ],
      "everything that proves it",
    );

    await button(page, "本月").click();
    await filings(page)
      .filter({ hasText: number })
      .filter({ hasText: "已办结" })
      .waitFor();
    await picture(page, "11-month-filed");
    await button(page, "基数调整").click();
    await heading(page, "年度基数调整").waitFor();
    await picture(page, "12-list");
    await button(page, "城市政策").click();
    await heading(page, "城市政策").first().waitFor();
    await picture(page, "14-policies");
    await page.reload();
    await filings(page).filter({ hasText: number }).waitFor();
    assert.equal(
      await drafts(page).count(),
      0,
      "what was filed is no draft any more",
    );

    // What a page asks of a program that is gone would stand on its console.
    await page.close();
    await desk.kill();
    const again = await room.start();
    const second = await room.open(again);
    await heading(second, "输入数据口令").waitFor();
    await second.getByLabel("数据口令", { exact: true }).fill("不是这个口令吧");
    await button(second, "打开数据").click();
    const alert = second.getByRole("alert");
    await alert.waitFor();
    assert.match(
      await alert.innerText(),
      /口令/,
      "a wrong passphrase is refused in words",
    );
    await picture(second, "13-unlock-wrong");
    await clerk.unlock(second);
    await clerk.enterPractice(second);
    assert.equal(
      await filings(second).count(),
      1,
      "the filing of the first run is there, once",
    );
    await filings(second)
      .filter({ hasText: number })
      .getByRole("button", { name: /^查看/ })
      .click();
    await second.getByText("回执核验通过").waitFor();
  },

  async "a comparison that takes long says so, is given up, and is not there"(
    room,
  ) {
    const { page } = await room.practice();
    const lines = Array.from({ length: 20_000 }, (_, place) => {
      const front = `4108021990${String(1 + (place % 12)).padStart(2, "0")}${String(1 + (place % 28)).padStart(2, "0")}`;
      return `人员${place},${residentId(front + String(place % 1000).padStart(3, "0"))},6000`;
    });
    const buffer = Buffer.from(`姓名,证件号码,缴存基数\n${lines.join("\n")}\n`);
    await button(page, "智能比对").click();
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      page
        .getByRole("main")
        .getByRole("button", { name: "打开工资表" })
        .first()
        .click(),
    ]);
    await chooser.setFiles({
      name: "集团工资表.csv",
      mimeType: "text/csv",
      buffer,
    });
    await heading(page, "核对导入").waitFor();
    await button(page, "开始比对").click();
    const under = page.locator(".step");
    await under.getByText("正在与清册比对…").waitFor();
    await under.getByRole("button", { name: "取消" }).click();
    await page
      .getByText("您取消了这次读取，没有导入任何数据。")
      .waitFor();
    await picture(page, "15-comparing-given-up");
    await button(page, "智能比对").click();
    await page.getByText("还没有比对过。").waitFor();
  },

  async "the way to a center is tested before there is a unit, and whoever stands in between is named"(
    room,
  ) {
    const desk = await room.start();
    const page = await room.open(desk);
    await clerk.setPassphrase(page);
    const root = selfSigned(
      room.folder,
      "center",
      "演示市住房公积金管理中心根证书",
    );
    const between = selfSigned(
      room.folder,
      "between",
      "某某安全网关 HTTPS 扫描",
    );
    const server = createServer(
      { key: between.key, cert: between.certificate },
      (_, answer) => answer.end("hello"),
    );
    await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
    try {
      await button(page, "添加单位（联网）").click();
      await dialog(page)
        .getByLabel("接口地址")
        .fill(`127.0.0.1:${server.address().port}`);
      const [chooser] = await Promise.all([
        page.waitForEvent("filechooser"),
        button(dialog(page), "选择文件").click(),
      ]);
      await chooser.setFiles({
        name: "根证书.pem",
        mimeType: "application/x-pem-file",
        buffer: root.certificate,
      });
      await dialog(page).getByText("根证书.pem").waitFor();
      await button(dialog(page), "测试连接").click();
      const failed = dialog(page)
        .getByRole("listitem")
        .filter({ hasText: "停在这里" });
      await failed.waitFor();
      const said = await failed.innerText();
      assert.match(said, /某某安全网关 HTTPS 扫描/, "who intercepts is named");
      assert.match(said, /^验证中心证书/, "at the step that fails");
      await picture(page, "16-join-intercepted");
    } finally {
      server.close();
    }
  },

  async "money that does not fit is claimed"(room) {
    const { page } = await room.practice();
    const signed = async () => {
      await page.getByText("签名前会再与中心的账核对一次").waitFor();
      await page.getByRole("button", { name: "签名并提交…" }).click();
      await sign(page, clerk.PIN);
    };
    await button(page, "汇缴核定").click();
    await page.getByText("已与中心的名单逐人核对，完全一致。").waitFor();
    await button(page, "核对并签名…").click();
    await signed();
    await page.getByText("回执核验通过").waitFor();
    await button(page, "去缴款").click();

    const orders = page.getByRole("region", { name: "缴款单", exact: true });
    const card = page.getByRole("region", { name: "缴款卡 · 2026-07 汇缴" });
    const ordered = async () => {
      await page.getByRole("checkbox", { name: "选择 2026-07 汇缴" }).waitFor();
      await button(page, "核对并签名…").click();
      await signed();
      await card.waitFor();
      return card.locator(".pay-code .number").innerText();
    };
    const pays = async (how) => {
      await page
        .getByRole("combobox", { name: "模拟银行付款" })
        .selectOption({ label: how });
      await button(page, "模拟银行付款").click();
      await page.getByText("银行已经付款").waitFor();
      await button(page, "过一天").click();
      await page.getByText("中心和银行都过了一天。").waitFor();
    };
    const claims = async (number, way) => {
      await button(page, "未处理缴款").click();
      const choice = page
        .getByRole("combobox", { name: /的处理方式$/ })
        .first();
      await choice.waitFor();
      if (number) await picture(page, number);
      const options = await choice.locator("option").allInnerTexts();
      await choice.selectOption({
        label: options.find((option) => option.includes(way)),
      });
      await page
        .getByRole("button", { name: /^核对并签名/ })
        .first()
        .click();
      await signed();
      await page.getByText("回执核验通过").waitFor();
      await button(page, "缴款管理").click();
    };

    const short = await ordered();
    await pays("少付 100 元");
    await orders
      .getByRole("row", { name: new RegExp(short) })
      .getByText("缴款失败")
      .waitFor();
    await picture(page, "71-short");
    await claims("72-unprocessed", "暂存款");

    const wrong = await ordered();
    assert.notEqual(wrong, short, "another order has another code");
    await pays("缴款码写错");
    await orders
      .getByRole("row", { name: new RegExp(wrong) })
      .getByText("待到账")
      .waitFor();
    await claims("73-wrong-code", "2026-07");
    await orders
      .getByRole("row", { name: new RegExp(wrong) })
      .getByText("已入账")
      .waitFor();
    await page.getByText("没有应缴未缴的款项。").waitFor();
    await picture(page, "74-claimed");

    await button(page, "过一天").click();
    for (let day = 0; day < 30; day += 1) {
      await page.waitForFunction(
        () => !document.querySelector(".practice button:disabled.day"),
      );
      await button(page, "过一天").click();
    }
    await button(page, "汇缴核定").click();
    await button(page, "核对并签名…").click();
    await signed();
    await page.getByText("回执核验通过").waitFor();
    await button(page, "去缴款").click();
    await page.getByRole("checkbox", { name: "选择 2026-08 汇缴" }).waitFor();
    await button(page, "核对并签名…").click();
    await signed();
    await page
      .getByRole("region", { name: "缴款卡 · 2026-08 汇缴" })
      .waitFor();
    await pays("多付 100 元");
    await page.getByText("没有应缴未缴的款项。").waitFor();
    await picture(page, "75-over");
  },

  async "the center's officer grants one application and refuses another"(
    room,
  ) {
    const { page } = await room.practice();
    const applies = async (cells) => {
      await button(page, "缓缴与降比").click();
      await heading(page, "缓缴与降比申请").waitFor();
      await button(page, "新建并录入").click();
      await page.getByRole("grid").waitFor();
      for (const [title, text] of cells) {
        const at = await cell(page, 0, title);
        await at.dblclick();
        await page.keyboard.insertText(text);
        await edit(page, () => page.keyboard.press("Enter"));
      }
      await clerk.toPin(page);
      await sign(page, clerk.PIN);
      await page.getByText("中心正在审核").waitFor();
    };
    await applies([
      ["申请事项", "缓缴"],
      ["终止年月", "2026-09"],
      ["申请原因", "生产经营困难"],
    ]);
    await picture(page, "80-in-review");
    await button(page, "审核退回").click();
    await page.getByText("中心退回了这份申报").waitFor();
    await page.getByText("申报材料不能说明情况").first().waitFor();
    await picture(page, "81-refused");
    await button(page, "转为新的草稿").click();
    await page.getByRole("grid").waitFor();
    await shows(
      page,
      0,
      "申请原因",
      "生产经营困难",
      "the draft is what was filed",
    );
    await picture(page, "82-again");
    await clerk.toPin(page);
    await sign(page, clerk.PIN);
    await page.getByText("中心正在审核").waitFor();
    await button(page, "审核通过").click();
    await page.getByText("已办结").first().waitFor();
    await button(page, "本月").click();
    await page.getByText("缓缴：2026-07 至 2026-09").first().waitFor();
    await page.getByText("缓缴期满").first().waitFor();
    await picture(page, "83-deferred");
  },

  async "the manager countersigns what the clerk signed, and returns what he does not agree with"(
    room,
  ) {
    const { page } = await room.practice();
    const submitted = async () => {
      await clerk.draftOf(page, clerk.CLEAN);
      await clerk.confirmAll(page, "基数已与财务核对");
      await clerk.toPin(page);
      await sign(page, clerk.PIN);
    };
    const sitsDown = (name) =>
      page
        .getByRole("combobox", { name: "演示身份" })
        .selectOption({ label: name });
    const settledOf = async () => {
      await button(page, "本月").click();
      await page.waitForFunction(
        () => document.querySelectorAll("tbody tr").length > 0,
      );
      return filings(page).filter({ hasText: "已办结" }).count();
    };
    const [own, second] = await page
      .getByRole("combobox", { name: "演示身份" })
      .locator("option")
      .allInnerTexts();
    await submitted();
    await page.getByText("回执核验通过").waitFor();
    await page
      .getByRole("checkbox", { name: "以后的年度基数调整须由复核人签名" })
      .check();
    await page
      .getByText("从下一笔起，年度基数调整由经办人签名后等待复核")
      .waitFor();
    await picture(page, "90-countersign");

    await button(page, "回到本月").click();
    await submitted();
    await page.getByText("等待复核").first().waitFor();
    await picture(page, "91-awaiting");
    assert.equal(await settledOf(), 1, "what waits is not booked");

    await sitsDown(second);
    await heading(page, "待复核").waitFor();
    const waiting = page
      .getByRole("region", { name: "等待复核" })
      .locator("tbody tr");
    await waiting.first().waitFor();
    assert.equal(await waiting.count(), 1, "one filing waits for him");
    await picture(page, "92-approvals");
    await waiting.getByRole("button", { name: /^复核 / }).click();
    await heading(page, "复核申报").waitFor();
    await page.getByText("按中心的规则重新检查").waitFor();
    await page
      .getByRole("region", { name: "经办人的签名" })
      .getByText(own, { exact: true })
      .waitFor();
    await page.getByRole("heading", { name: "申报的全部 228 行" }).waitFor();
    await picture(page, "93-approval");
    await button(page, "退回…").click();
    await dialog(page).getByLabel("PIN", { exact: true }).fill(clerk.PIN);
    await button(dialog(page), "签名并退回").click();
    await dialog(page).getByText("请填写原因").waitFor();
    await dialog(page)
      .getByLabel("原因", { exact: true })
      .fill("解婷萍的基数与工资不符");
    await dialog(page).getByLabel("PIN", { exact: true }).fill(clerk.PIN);
    await picture(page, "94-return");
    await button(dialog(page), "签名并退回").click();
    await heading(page, "待复核").waitFor();
    await page.getByText("没有等待复核的申报").waitFor();
    await picture(page, "95-returned");

    await sitsDown(own);
    await page.getByText("练习用工作簿").waitFor();
    const returned = filings(page).filter({ hasText: "已退回" });
    await returned.getByRole("button", { name: /^查看/ }).click();
    await page.getByText("解婷萍的基数与工资不符").first().waitFor();
    await picture(page, "96-clerk-reads");
    await page.getByRole("button", { name: "转为新的草稿" }).click();
    await page.getByRole("grid").waitFor();
    await clerk.saved(page);
    await clerk.confirmAll(page, "基数已与财务核对");
    await clerk.toPin(page);
    await sign(page, clerk.PIN);
    await page.getByText("等待复核").first().waitFor();

    await sitsDown(second);
    await waiting.first().waitFor();
    await waiting.getByRole("button", { name: /^复核 / }).click();
    await page.getByText("以前的退回").waitFor();
    await button(page, "同意并签名…").click();
    await dialog(page).getByLabel("PIN", { exact: true }).fill(clerk.PIN);
    await picture(page, "97-approve");
    await button(dialog(page), "复核签名").click();
    await page.getByText("没有等待复核的申报").waitFor();
    const records = page
      .getByRole("region", { name: "本机的复核记录" })
      .locator("tbody tr");
    assert.equal(
      await records.filter({ hasText: "已复核" }).count(),
      1,
      "one countersigned",
    );
    assert.equal(
      await records.filter({ hasText: "已退回" }).count(),
      1,
      "and one returned",
    );
    await page.keyboard.press("F1");
    await heading(page, "待复核").last().waitFor();
    await picture(page, "98-approvals-help");
    await page.keyboard.press("F1");

    await sitsDown(own);
    await page.getByText("练习用工作簿").waitFor();
    assert.equal(await settledOf(), 2, "now it is booked, once");
    await filings(page)
      .filter({ hasText: "已办结" })
      .first()
      .getByRole("button", { name: /^查看/ })
      .click();
    await page.getByText("回执核验通过").first().waitFor();
    await page.locator("dd").filter({ hasText: second }).first().waitFor();
    await picture(page, "99-countersigned");
  },

  async "a form is really drawn in the preview, page by page"(room) {
    const { page } = await room.practice();
    await clerk.draftOf(page, clerk.CLEAN);
    await button(page, "去核对签名").click();
    await heading(page, "核对签名").waitFor();
    const [answer] = await Promise.all([
      page.waitForResponse(/\/call\/paper$/),
      button(page, "打印草稿").click(),
    ]);
    const form = await answer.json();
    const head = Buffer.from(form.pdf, "base64").subarray(0, 5).toString();
    assert.equal(head, "%PDF-", "what is looked at is a PDF");
    assert.ok(form.pages > 1, "else no page is turned");
    const sheet = dialog(page).locator("canvas");
    const words = () => sheet.getAttribute("aria-label");
    /** Ink on the sheet as parts of it, and the sheet itself. */
    const drawn = () =>
      sheet.evaluate((canvas) => {
        const { width, height } = canvas;
        const { data } = canvas
          .getContext("2d")
          .getImageData(0, 0, width, height);
        let ink = 0;
        for (let at = 0; at < data.length; at += 4)
          if (data[at + 3] > 0 && data[at] + data[at + 1] + data[at + 2] < 384)
            ink += 1;
        return { ink: ink / (width * height), image: canvas.toDataURL() };
      });
    /** The page is there once its text is: it is read after it is drawn. */
    const shows = async (number, before) => {
      await dialog(page)
        .getByText(`第 ${number} 页，共 ${form.pages} 页`)
        .waitFor();
      await page.waitForFunction(
        (other) => {
          const said = document
            .querySelector("dialog[open] canvas")
            ?.getAttribute("aria-label");
          return said && said !== other;
        },
        before,
      );
    };
    await shows(1, "");
    const first = await words();
    assert.ok(first.includes("住房公积金缴存基数调整表"), first);
    const one = await drawn();
    assert.ok(
      one.ink > 0.005 && one.ink < 0.5,
      `letters and lines on white, neither an empty sheet nor a black one: ${one.ink}`,
    );
    await button(dialog(page), "下一页").click();
    await shows(2, first);
    const two = await drawn();
    assert.ok(two.ink > 0.005 && two.ink < 0.5, `${two.ink}`);
    assert.notEqual(two.image, one.image, "another page is another picture");
  },

  async "a month from the first look to the money in the accounts"(room) {
    const { page } = await room.practice();
    const steps = page
      .getByRole("list", { name: "办理步骤" })
      .getByRole("listitem");
    const step = (name) => steps.filter({ has: heading(page, name) });
    const due = clerk
      .roster(room.folder)
      .filter((person) => person.status === "normal").length;
    await step("汇缴核定").getByText("待办理").waitFor();
    await step("单位缴款").getByText("未到这一步").waitFor();
    assert.equal(
      await step("单位缴款").getByRole("button").count(),
      0,
      "nothing is paid that nobody verified",
    );
    await page.locator("canvas").waitFor();
    await picture(page, "60-month");

    await button(step("汇缴核定"), "核定清册").click();
    await page.getByText("已与中心的名单逐人核对，完全一致。").waitFor();
    await picture(page, "61-verification");
    await page
      .getByRole("button", { name: `2026-07 本月应缴 ${due} 人` })
      .click();
    await dialog(page).getByText(`第 1 至 200 人，共 ${due} 人`).waitFor();
    assert.equal(
      await dialog(page).locator("tbody tr").count(),
      200,
      "a page of them",
    );
    await button(dialog(page), "下一页").click();
    await dialog(page).getByText(`第 201 至 ${due} 人，共 ${due} 人`).waitFor();
    assert.equal(
      await dialog(page).locator("tbody tr").count(),
      due - 200,
      "and the rest of them, nobody twice",
    );
    await picture(page, "62-people");
    await button(dialog(page), "关闭").click();

    await button(page, "核对并签名…").click();
    await page.getByText("签名前会再与中心的账核对一次").waitFor();
    await picture(page, "63-verification-review");
    await page.getByRole("button", { name: "签名并提交…" }).click();
    await sign(page, clerk.PIN);
    await page.getByText("回执核验通过").waitFor();
    await picture(page, "64-verified");
    await button(page, "去缴款").click();

    await page.getByRole("checkbox", { name: "选择 2026-07 汇缴" }).waitFor();
    const owed = await page
      .getByRole("row", { name: /2026-07 汇缴/ })
      .locator("td")
      .last()
      .innerText();
    await picture(page, "65-dues");
    await button(page, "核对并签名…").click();
    await page.getByText("签名前会再与中心的账核对一次").waitFor();
    await page.getByText(owed).first().waitFor();
    await page.getByRole("button", { name: "签名并提交…" }).click();
    await sign(page, clerk.PIN);
    const card = page.getByRole("region", { name: "缴款卡 · 2026-07 汇缴" });
    await card.waitFor();
    const code = await card.locator(".pay-code .number").innerText();
    assert.match(code, /^\S{8,}$/, "the card has the code of the remark");
    assert.ok(
      (await card.innerText()).includes(owed),
      "and the sum that was signed",
    );
    assert.ok(
      await page
        .getByRole("checkbox", { name: "选择 2026-07 汇缴" })
        .isHidden(),
      "it can't be ordered twice",
    );
    await picture(page, "66-card");
    const order = page
      .getByRole("region", { name: "缴款单", exact: true })
      .getByRole("row", { name: new RegExp(code) });
    await order.getByText("待到账").waitFor();

    await button(page, "本月").click();
    await step("到账入账").getByText("待办理").waitFor();
    await button(step("到账入账"), "查看缴款单").click();
    await card.waitFor();
    await button(page, "模拟银行付款").click();
    await page.getByText("银行已经付款").waitFor();
    await button(page, "过一天").click();
    await order.getByText("已入账").waitFor();
    assert.equal(await order.count(), 1, "one order, paid once");
    await card.waitFor({ state: "detached" });
    await page.getByText("没有应缴未缴的款项。").waitFor();
    await picture(page, "67-paid");
    await button(page, "未处理缴款").click();
    await page.getByText("没有待认领的到账。").waitFor();

    await button(page, "本月").click();
    for (const name of ["汇缴核定", "单位缴款", "到账入账"])
      await step(name).getByText("已完成").waitFor();
    await button(page, "以表格查看").click();
    await page.getByRole("row", { name: /^2026-07 .*已入账/ }).waitFor();
    await picture(page, "68-month-done");
  },

  async "a file of the user's own in GB18030, chosen and dropped"(room) {
    const { page } = await room.practice();
    const { people, file } = ownFile(room.folder);
    await choose(page, file);
    await heading(page, "核对导入").waitFor();
    await page.getByText(file.name).waitFor();
    assert.equal(
      await page.getByLabel("文字编码").inputValue(),
      "GB18030",
      "the encoding is found and shown",
    );
    for (const { name } of people.slice(0, 3)) {
      assert.equal(
        await page.getByRole("cell", { name, exact: true }).count(),
        1,
        `${name} is read as it was written`,
      );
    }
    await page.getByText(`${people.length} 人`, { exact: true }).waitFor();
    await picture(page, "20-import-csv");
    await accept(page);
    await shows(page, 0, "姓名", people[0].name, "the draft shows the name");
    const { id_number: number } = people[0];
    await shows(
      page,
      0,
      "证件号码",
      `${number.slice(0, 4)}${"*".repeat(10)}${number.slice(-4)}`,
      "and the ID, masked",
    );

    await drop(page, file);
    await heading(page, "核对导入").waitFor();
    await page.getByText(/这份文件在 .+ 导入过/).waitFor();
    await picture(page, "21-import-again");
    await accept(page);
    await button(page, "本月").click();
    await drafts(page).nth(1).waitFor();
    assert.equal(
      await drafts(page).count(),
      2,
      "the drop made a draft of its own and left the first one alone",
    );
    await drafts(page).first().getByRole("button", { name: /^删除/ }).click();
    await page.getByText("原来的工作簿文件不受影响").waitFor();
    await drafts(page).nth(1).waitFor({ state: "detached" });
    await picture(page, "22-delete");
    assert.equal(
      await drafts(page).count(),
      1,
      "one draft is gone, the other stays",
    );
    await page.keyboard.press("Enter");
    await drafts(page).nth(1).waitFor();
    assert.equal(
      await drafts(page).count(),
      2,
      "what was deleted is brought back by the key that is at hand",
    );
  },

  async "a sheet of many units is split, and each part goes into its own unit"(
    room,
  ) {
    const { page } = await room.practice();
    const [{ personal_account: account, name, id_number: id, base }] = clerk
      .roster(room.folder)
      .filter((person) => person.status === "normal");
    const head =
      "单位账号,个人账号,姓名,证件号码,调整前缴存基数,调整后缴存基数";
    const stranger = `900000000001,000000000001,${name},${id},5000.00,5000.00`;
    const text = [
      head,
      `${clerk.ACCOUNT},${account},${name},${id},${base},${base}`,
      stranger,
    ].join("\r\n");
    await button(page, "各单位本月").click();
    const split = button(page, "拆分多单位表格");
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      split.click(),
    ]);
    await chooser.setFiles({
      mimeType: "text/csv",
      name: "两个单位.csv",
      buffer: gb18030(`${text}\r\n`),
    });
    const parts = page
      .getByRole("region", { name: "按「单位账号」拆分" })
      .locator("tbody tr");
    await parts.nth(1).waitFor();
    await picture(page, "split");
    const strange = parts.filter({ hasText: "900000000001" });
    await strange.getByText("这个账号的单位还没有添加").waitFor();
    assert.equal(
      await strange.getByRole("button").count(),
      0,
      "nobody's rows go into another unit",
    );
    await parts
      .filter({ hasText: clerk.UNIT })
      .getByRole("button", { name: /^去导入/ })
      .click();
    await heading(page, "核对导入").waitFor();
    await accept(page);
    await shows(page, 0, "姓名", name, "its own person");
    assert.equal(
      await page.getByRole("grid").getAttribute("aria-rowcount"),
      "2",
      "and nobody else",
    );
  },

  async "a month, a comparison, a print, a payment, an approval, the settings and the way to a restore without the mouse"(
    room,
  ) {
    const desk = await room.start();
    const page = await room.open(desk);
    /** Moves the focus by Tab alone to what has this name, and sees that it shows where it is. */
    const tabTo = async (name) => {
      const passed = [];
      for (let step = 0; step < 120; step += 1) {
        // In the grid Tab goes from cell to cell; Escape first, and it leaves.
        if (
          await page.evaluate(() => document.activeElement.matches(".grid-box"))
        )
          await page.keyboard.press("Escape");
        await page.keyboard.press("Tab");
        const at = await page.evaluate(() => {
          const element = document.activeElement;
          const field = element.matches("input, select, textarea")
            ? (element.labels?.[0]?.textContent ?? "")
            : "";
          const name = (
            element.getAttribute("aria-label") ??
            (field || element.textContent)
          ).trim();
          const style = getComputedStyle(element);
          const around = getComputedStyle(
            element.closest(".el-input__wrapper, .el-checkbox, label") ??
              element,
          );
          const ring = ({ outlineStyle, outlineWidth }) =>
            outlineStyle !== "none" && outlineWidth !== "0px";
          const marked =
            ring(style) ||
            [style, around].some(({ boxShadow }) => boxShadow !== "none");
          return {
            name,
            marked,
            inView: element.getBoundingClientRect().bottom > 0,
          };
        });
        if (typeof name === "string" ? at.name === name : name.test(at.name)) {
          assert.ok(at.marked && at.inView, `${at.name}: the focus is seen`);
          return;
        }
        passed.push(at.name.slice(0, 12));
      }
      assert.fail(`${name} is not reached by Tab: ${passed.join(" / ")}`);
    };
    const press = (...keys) =>
      keys.reduce(
        (done, key) => done.then(() => page.keyboard.press(key)),
        Promise.resolve(),
      );
    const goTo = async (place) => {
      await press("Control+k");
      await dialog(page).getByRole("combobox").waitFor();
      await page.keyboard.type(place);
      await dialog(page).getByRole("option", { name: place }).first().waitFor();
      await press("Enter");
      await page
        .getByRole("heading", { name: place, level: 1 })
        .waitFor();
    };
    /** A dialog takes the focus, keeps it, and gives it back to the button that opened it. */
    const opens = async (name) => {
      await tabTo(name);
      await press("Enter");
      await dialog(page).waitFor();
      for (let step = 0; step < 12; step += 1) {
        const outside = await page.evaluate(() => {
          const { activeElement: element } = document;
          return (
            element !== document.body &&
            element.closest("dialog[open]") === null
          );
        });
        assert.ok(
          !outside,
          `${name}: nothing behind the dialog takes the focus`,
        );
        await press("Tab");
      }
      await press("Escape");
      await dialog(page).waitFor({ state: "detached" });
      const back = await page.evaluate(() =>
        document.activeElement.textContent.trim(),
      );
      assert.match(
        back,
        name instanceof RegExp ? name : new RegExp(`^${name}$`),
        "the focus is back where it was",
      );
      await press("Enter");
      await dialog(page).waitFor();
    };

    await heading(page, "设置数据口令").waitFor();
    await tabTo("新口令");
    await page.keyboard.type(clerk.PASSPHRASE);
    await tabTo("再输入一次");
    await page.keyboard.type(clerk.PASSPHRASE);
    await press("Enter");
    await button(page, "进入体验演示中心").waitFor();
    await tabTo("进入体验演示中心");
    await press("Enter");
    await page.getByText("练习用工作簿").waitFor();

    const file = async () => {
      await tabTo(/^01-基数调整/);
      await press("Enter");
      await heading(page, "核对导入").waitFor();
      await tabTo("下一步");
      await press("Enter");
      await page.getByRole("grid").waitFor();
      await clerk.saved(page);
      for (
        let asks = await page.getByRole("button", { name: /^确认「/ }).count();
        asks > 0;
        asks -= 1
      ) {
        await tabTo(/^确认「/);
        await press("Enter");
        await dialog(page).getByLabel("核实说明").waitFor();
        await page.keyboard.type("基数已与财务核对");
        await edit(page, () => press("Control+Enter"));
      }
      await tabTo("去核对签名");
      await press("Enter");
      await heading(page, "核对签名").waitFor();
    };
    const signs = async (name) => {
      await opens(name);
      await page.keyboard.type(clerk.PIN);
      await press("Enter");
    };
    await file();
    await signs("签名并提交…");
    await page.getByText("回执核验通过").waitFor();
    await tabTo("以后的年度基数调整须由复核人签名");
    await press("Space");
    await page
      .getByText("从下一笔起，年度基数调整由经办人签名后等待复核")
      .waitFor();
    await goTo("本月");
    await file();
    await signs("签名并提交…");
    await page.getByText("等待复核").first().waitFor();

    await tabTo("演示身份");
    await press("ArrowDown");
    await heading(page, "待复核").waitFor();
    await page.getByRole("button", { name: /^复核 / }).waitFor();
    await tabTo(/^复核 /);
    await press("Enter");
    await page.getByText("按中心的规则重新检查").waitFor();
    await signs("同意并签名…");
    await page.getByText("没有等待复核的申报").waitFor();
    await tabTo("演示身份");
    await press("ArrowUp");
    await page.getByText("练习用工作簿").waitFor();

    await goTo("智能比对");
    await tabTo(/^04-七月工资表/);
    await press("Enter");
    await heading(page, "核对导入").waitFor();
    await tabTo("开始比对");
    await press("Enter");
    const groups = page.getByRole("navigation", { name: "比对结果分组" });
    await groups
      .getByRole("button", { name: "姓名不同" })
      .waitFor();
    await tabTo(/^姓名不同/);
    await press("Enter");
    await page.locator("tbody tr", { hasText: "姓名不同" }).waitFor();
    await tabTo(/：处理方式$/);
    await press("ArrowDown");
    await groups.getByRole("button", { name: /^姓名不同\s*1$/ }).waitFor();

    await goTo("汇缴核定");
    await page.getByText("已与中心的名单逐人核对，完全一致。").waitFor();
    await tabTo("核对并签名…");
    await press("Enter");
    await page.getByText("签名前会再与中心的账核对一次").waitFor();
    await signs("签名并提交…");
    await page.getByText("回执核验通过").waitFor();

    await opens("打印单证和回执");
    const shown = (number) =>
      dialog(page)
        .getByText(new RegExp(`^第 ${number} 页，共 \\d+ 页$`))
        .waitFor();
    await shown(1);
    await tabTo("下一页");
    await press("Enter");
    await shown(2);
    await press("Escape");
    await dialog(page).waitFor({ state: "detached" });

    await tabTo("去缴款");
    await press("Enter");
    await heading(page, "缴款管理").waitFor();
    await tabTo(/^核对并签名/);
    await press("Enter");
    await page.getByText("签名前会再与中心的账核对一次").waitFor();
    await signs("签名并提交…");
    await page
      .getByRole("region", { name: "缴款卡 · 2026-07 汇缴" })
      .waitFor();

    await goTo("设置");
    await tabTo("跟随系统");
    await press("ArrowRight", "ArrowRight");
    await page.locator(":root.dark").waitFor();
    await goTo("数据与安全");
    await opens("恢复备份…");
    await press("Escape", "F1");
    await page.getByRole("complementary", { name: "帮助" }).waitFor();
    // A dialog that is still going takes the key for itself.
    const help = page.getByRole("complementary", { name: "帮助" });
    for (let turn = 0; turn < 60 && (await help.count()) > 0; turn += 1) {
      await press("Escape");
      await page.waitForTimeout(250);
    }
    assert.equal(await help.count(), 0, "Escape closes the help");
  },

  async "Chinese input goes into the grid as composed, to the core, and back by undo"(
    room,
  ) {
    const { page } = await room.practice();
    await clerk.draftOf(page, clerk.CLEAN);
    const keys = await page.context().newCDPSession(page);
    const pressed = (key) =>
      keys.send("Input.dispatchKeyEvent", {
        type: "rawKeyDown",
        key,
        windowsVirtualKeyCode: 229,
      });
    const compose = (text) =>
      keys.send("Input.imeSetComposition", {
        text,
        selectionStart: text.length,
        selectionEnd: text.length,
      });
    let edits = 0;
    page.on("request", (request) => {
      if (request.url().endsWith("/call/draft_edit")) edits += 1;
    });
    const box = page.locator(".data-grid textarea");
    const at = await cell(page, 2, "姓名");
    const before = (await at.textContent()).trim();
    await at.click();
    await pressed("o");
    await compose("o");
    await compose("ou'yang");
    assert.equal(
      await box.inputValue(),
      "ou'yang",
      "the first key went into the composition",
    );
    await pressed("Enter");
    assert.equal(
      await box.inputValue(),
      "ou'yang",
      "Enter belongs to the input method",
    );
    assert.equal(edits, 0, "nothing was sent while composing");
    await keys.send("Input.insertText", { text: "欧阳静" });
    assert.equal(edits, 0, "composed, but not yet committed");
    const view = await edit(page, () => page.keyboard.press("Enter"));
    assert.equal(edits, 1, "one step");
    assert.ok(view.can_undo, "and it can be undone");
    await shows(page, 2, "姓名", "欧阳静", "the cell shows the name");

    await page.reload();
    await page
      .getByRole("button", { name: /^继续 / })
      .first()
      .click();
    await page.getByRole("grid").waitFor();
    await shows(page, 2, "姓名", "欧阳静", "the core has kept it");
    await edit(page, () => button(page, "撤销").click());
    await shows(page, 2, "姓名", before, "undo takes the whole name back");
  },

  async "the page crashes in the middle of an edit: what was committed is there, and its undo"(
    room,
  ) {
    const { desk, page } = await room.practice();
    const context = page.context();
    await clerk.draftOf(page, clerk.CLEAN);
    const names = [];
    for (const place of [1, 2])
      names.push(
        (await (await cell(page, place, "姓名")).textContent()).trim(),
      );
    const type = async (place, text) => {
      await (await cell(page, place, "姓名")).click();
      await page.keyboard.insertText(text);
    };
    await type(1, "欧阳静");
    await edit(page, () => page.keyboard.press("Enter"));
    await type(2, "从未确认");
    const typed = await page.evaluate(() => document.activeElement.value);
    assert.equal(typed, "从未确认", "in the middle of the next cell");
    const crashed = page.waitForEvent("crash");
    const keys = await context.newCDPSession(page);
    // A page that is gone answers nothing.
    keys.send("Page.crash").catch(() => {});
    await crashed;
    await page.close();

    const second = await context.newPage();
    await second.goto(desk.origin);
    await second
      .getByRole("button", { name: /^继续 / })
      .first()
      .click();
    await second.getByRole("grid").waitFor();
    await shows(
      second,
      1,
      "姓名",
      "欧阳静",
      "what was committed is in the core",
    );
    await shows(
      second,
      2,
      "姓名",
      names[1],
      "and of what was not nothing is half there",
    );
    await edit(second, () => button(second, "撤销").click());
    await shows(second, 1, "姓名", names[0], "and its undo is still there");
    assert.doesNotMatch(
      await second.title(),
      /欧阳静|从未确认/,
      "the window's title names nobody",
    );
  },

  async "rows pasted from Excel are one step, and one undo"(room) {
    const { page } = await room.practice({ clipboard: true });
    await clerk.draftOf(page, clerk.CLEAN);
    const wanted = [
      ["赵一诺", "410801198512310022", "5000.5", "5100"],
      ["古丽娜·阿不都", "E12345678", "6000", "6100.25"],
      ["钱多多", "11010519491231002X", "7000", "7100"],
    ];
    const titles = ["姓名", "证件号码", "调整前缴存基数", "调整后缴存基数"];
    const read = async () => {
      const rows = [];
      for (let row = 0; row < 3; row += 1) {
        const texts = [];
        for (const title of titles)
          texts.push(
            (await (await cell(page, 4 + row, title)).textContent()).trim(),
          );
        rows.push(texts);
      }
      return rows;
    };
    const before = await read();
    await page.evaluate(
      (text) => navigator.clipboard.writeText(text),
      `${wanted.map((row) => row.join("\t")).join("\r\n")}\r\n`,
    );
    const showing = async (rows, why) => {
      for (const [row, texts] of rows.entries()) {
        for (const [column, text] of texts.entries())
          await shows(page, 4 + row, titles[column], text, why);
      }
    };
    await (await cell(page, 4, titles[0])).click();
    let edits = 0;
    page.on("request", (request) => {
      if (request.url().endsWith("/call/draft_edit")) edits += 1;
    });
    const pasted = await edit(page, () => page.keyboard.press("Control+V"));
    await showing(
      [
        ["赵一诺", "4108**********0022", "5,000.50", "5,100.00"],
        ["古丽娜·阿不都", "E1*****78", "6,000.00", "6,100.25"],
        ["钱多多", "1101**********002X", "7,000.00", "7,100.00"],
      ],
      "every cell is where it belongs, amounts as an accountant writes them, and no ID number is read over a shoulder",
    );
    for (const [row, [, id, base]] of wanted.entries()) {
      await (await cell(page, 4 + row, titles[2])).click();
      await page.keyboard.press("Control+C");
      const amount = await page.evaluate(() => navigator.clipboard.readText());
      assert.equal(amount.trim(), base, "an amount is copied as it was pasted");
      await (await cell(page, 4 + row, titles[1])).click();
      await page.keyboard.press("Control+C");
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      assert.equal(
        copied.trim(),
        id,
        "what is copied is the number itself, the X at the end kept",
      );
    }
    const undone = await edit(page, () => page.keyboard.press("Control+Z"));
    await showing(before, "one undo takes all twelve cells back");
    assert.equal(edits, 1, "one step was sent");
    assert.ok(pasted.can_undo && !undone.can_undo, "and there was no other");
  },

  async "two people registered by hand, and one of the unit sealed with the template"(
    room,
  ) {
    const { page } = await room.practice();
    await button(page, "登记").click();
    await heading(page, "缴存人登记").waitFor();
    await picture(page, "15-kind");
    await button(page, "新建并录入").click();
    await page.getByRole("grid").waitFor();
    await clerk.saved(page);
    const type = async (row, title, text) => {
      await (await cell(page, row, title)).click();
      await edit(page, async () => {
        await page.keyboard.type(text);
        await page.keyboard.press("Enter");
      });
    };
    const newcomers = [
      {
        姓名: "赵一诺",
        证件号码: residentId("11010119900307077"),
        手机号码: "13800000001",
        缴存基数: "6500",
      },
      {
        姓名: "钱文博",
        证件号码: residentId("11010119880412033"),
        手机号码: "13800000002",
        缴存基数: "7200",
      },
    ];
    const asked = page.waitForResponse(/\/call\/draft_lookup$/);
    for (const [row, person] of newcomers.entries()) {
      for (const [title, text] of Object.entries(person))
        await type(row, title, text);
    }
    assert.equal(
      (await asked).status(),
      200,
      "the center was asked about them without a word of the clerk",
    );
    await (await cell(page, 0, "证件类型")).click();
    await page.keyboard.press("Alt+ArrowDown");
    await page.getByRole("option", { name: "身份证", exact: true }).waitFor();
    await picture(page, "15-choices");
    await edit(page, async () => {
      await page.getByRole("option", { name: "身份证", exact: true }).click();
    });
    await shows(
      page,
      0,
      "证件类型",
      "身份证",
      "what was chosen stands in the cell",
    );
    await page.waitForFunction(
      () =>
        !/处错误或待修正/.test(
          document.querySelector("#draft-reason")?.textContent ?? "",
        ),
    );
    assert.equal(
      await blocking(page),
      0,
      "the center knows neither of them: they can be registered",
    );
    assert.ok(
      await page.getByText("导出错误表").isHidden(),
      "there is no workbook to mark",
    );
    await clerk.confirmAll(page, "已核对证件原件");
    await button(page, "去核对签名").click();
    await heading(page, "核对签名").waitFor();
    await page.getByText("新登记").waitFor();
    assert.equal(
      await page.getByText("差额").count(),
      0,
      "nothing was due before, so nothing differs",
    );
    await picture(page, "15-review");
    await page.getByRole("button", { name: "签名并提交…" }).click();
    await sign(page, clerk.PIN);
    await page.getByText("回执核验通过").waitFor();
    await picture(page, "15-filing");

    await button(page, "状态变更").click();
    await heading(page, "缴存人状态变更").waitFor();
    assert.equal(
      await filings(page).count(),
      0,
      "the registration is listed with its own kind",
    );
    await button(page, "下载模板").click();
    await page.getByText("缴存人状态变更-模板.xlsx").waitFor();
    const folder = join(room.folder, "export", "模板");
    const [template, ...others] = readdirSync(folder);
    assert.deepEqual(
      [template, others],
      ["缴存人状态变更-模板.xlsx", []],
      "one template was asked for",
    );
    const leaver = clerk
      .roster(room.folder)
      .find((person) => person.status === "normal");
    const row = [
      leaver.personal_account,
      leaver.name,
      "",
      leaver.id_number,
      "封存",
      "解除或终止劳动关系",
    ];
    const buffer = filledIn(readFileSync(join(folder, template)), [row]);
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      button(page, "打开工作簿").click(),
    ]);
    await chooser.setFiles({
      mimeType: "application/octet-stream",
      name: "离职.xlsx",
      buffer,
    });
    await heading(page, "核对导入").waitFor();
    assert.equal(
      await page.getByLabel("作为哪项业务导入").inputValue(),
      "status_change",
      "read as what it was opened for",
    );
    await page.getByLabel("变更年月", { exact: true }).waitFor();
    await picture(page, "16-import");
    await accept(page);
    assert.equal(
      await blocking(page),
      0,
      "a template of ours, filled in rightly, has nothing to mend",
    );
    await shows(page, 0, "变更类型", "封存", "the change stands in its column");
    await clerk.confirmAll(page, "已办理离职手续");
    await picture(page, "16-draft");
    await clerk.toPin(page);
    await sign(page, clerk.PIN);
    await page.getByText("回执核验通过").waitFor();
    await button(page, "本月").click();
    await filings(page).nth(1).waitFor();
    assert.equal(
      await filings(page).filter({ hasText: "已办结" }).count(),
      2,
      "both are settled",
    );
    assert.equal(
      await filings(page).filter({ hasText: "缴存人状态变更" }).count(),
      1,
      "each under its own name",
    );
    await picture(page, "16-month");
  },

  async "the program is killed while it submits, at three moments"(room) {
    let desk = await room.start();
    let page = await room.open(desk, { expects: [/net::ERR_/] });
    await clerk.setPassphrase(page);
    await clerk.enterPractice(page);
    // When the PIN has been sent; when the signed filing is being kept; when the center is writing.
    const moments = [
      "sent",
      join(room.folder, "practice/data"),
      join(room.folder, "practice/center"),
    ];
    for (const [index, moment] of moments.entries()) {
      await clerk.draftOf(page, clerk.CLEAN);
      await clerk.confirmAll(page, "已与财务核对");
      await clerk.toPin(page);
      const reached =
        moment === "sent"
          ? page.waitForRequest(/\/call\/sign_and_submit$/)
          : new Promise((written) => {
              const watcher = watchFolder(moment, (_, name) => {
                if (!name?.endsWith("-wal")) return;
                watcher.close();
                written();
              });
            });
      await Promise.all([reached, sign(page, clerk.PIN)]);
      await desk.kill();

      desk = await room.start();
      page = await room.open(desk, { expects: [/net::ERR_/] });
      await clerk.unlock(page);
      await clerk.enterPractice(page);
      await heading(page, "申报").waitFor();
      const kept = await drafts(page).count();
      const filed = await filings(page).count();
      assert.equal(
        kept + filed,
        index + 1,
        "either the draft is still there or the filing is, never both, never none",
      );
      if (kept === 1) {
        assert.ok(
          index < 2,
          "what the center has written down is not lost here",
        );
        await drafts(page).getByRole("button", { name: /^继续/ }).click();
        await page.getByRole("grid").waitFor();
        await clerk.saved(page);
        await clerk.toPin(page);
        await sign(page, clerk.PIN);
        await page.getByText("回执核验通过").waitFor();
        await button(page, "本月").click();
      }
      await filings(page).nth(index).waitFor();
      assert.equal(
        await filings(page).count(),
        index + 1,
        "exactly one filing of this draft",
      );
      assert.equal(
        await filings(page).filter({ hasText: "已办结" }).count(),
        index + 1,
        "and it is settled",
      );
      assert.equal(
        await drafts(page).count(),
        0,
        "with no draft left that could be filed again",
      );
      const numbers = await filings(page)
        .locator("td:first-child")
        .allTextContents();
      assert.equal(
        new Set(numbers).size,
        index + 1,
        "each under its own number of the center",
      );
    }
  },

  async "files that are no workbooks are refused in Chinese and the work goes on"(
    room,
  ) {
    const { page } = await room.practice();
    const good = ownFile(room.folder);
    const hostile = [
      [
        "30-renamed",
        {
          name: "工资表.xlsx",
          buffer: Buffer.from("这只是一段文字，有人把它改名成了工作簿。"),
        },
      ],
      ["31-empty", { name: "空.xlsx", buffer: Buffer.alloc(0) }],
      ["32-corners", { name: "巨大.xlsx", buffer: corners() }],
      [
        "33-bytes",
        {
          name: "照片.xls",
          buffer: Buffer.from([
            0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70, 0, 1,
          ]),
        },
      ],
    ];
    for (const [name, file] of hostile) {
      await choose(page, file);
      const alert = page.getByRole("alert");
      await alert.waitFor();
      const said = await alert.locator(":scope > p").allTextContents();
      assert.equal(
        said.length,
        3,
        `${name}: what it is, what happened, what to do`,
      );
      for (const line of said) {
        assert.match(line, /[\u4e00-\u9fff]{4}/, `${name}: in Chinese`);
        assert.doesNotMatch(
          line,
          /[A-Za-z]+ [A-Za-z]+|[a-z]+-[a-z]+|—|\{/,
          `${name}: neither English, code nor gap: ${line}`,
        );
      }
      assert.equal(new Set(said).size, 3, `${name}: three different things`);
      assert.ok(
        await page.getByText("下一步").isHidden(),
        `${name}: nothing of it can be taken on`,
      );
      await picture(page, name);
      await button(alert, "返回").click();
      await heading(page, "草稿").waitFor();
      assert.equal(
        await drafts(page).count(),
        0,
        `${name}: no draft was made of it`,
      );
    }
    await choose(page, good.file);
    await accept(page);
    await shows(
      page,
      0,
      "姓名",
      good.people[0].name,
      "the next good file is read as if nothing had been",
    );
  },

  async "long names stay within their places"(room) {
    const { page } = await room.practice();
    const long =
      "中国（演示市）自由贸易试验区晨光精密机电装备制造与进出口贸易（集团）股份有限公司演示市第二分公司";
    await page.route("**/call/*", async (route) => {
      const answer = await route.fetch();
      const body = (await answer.text())
        .replaceAll(clerk.UNIT, long)
        .replaceAll("演示市住房公积金管理中心", `${long}住房公积金管理中心`);
      await route.fulfill({ response: answer, body });
    });
    await page.reload();
    await page.getByText(long).first().waitFor();
    await picture(page, "40-long-month");
    await clerk.draftOf(page, clerk.CLEAN);
    await picture(page, "41-long-draft");
    await clerk.confirmAll(page, `${long}的基数已与财务逐人核对`);
    await button(page, "去核对签名").click();
    await heading(page, "核对签名").waitFor();
    await page.getByText(long).first().waitFor();
    await picture(page, "42-long-review");
    await page.getByRole("button", { name: "签名并提交…" }).click();
    await sign(page, clerk.PIN);
    await page.getByText("回执核验通过").waitFor();
    await picture(page, "43-long-filing");
  },

  async "what the center's books say is looked up, page by page, and taken away as a workbook"(
    room,
  ) {
    const { page } = await room.practice();
    await button(page, "单位信息查询").click();
    await heading(page, "单位基本信息").waitFor();
    await page.getByRole("cell", { name: clerk.UNIT, exact: true }).waitFor();
    await picture(page, "60-query-unit");
    for (const [place, [tab, title, seen]] of [
      ["单位明细账", "单位明细账", "提取"],
      ["暂存款", "暂存款明细", "到账"],
      ["提取记录", "提取记录", "租赁住房"],
    ].entries()) {
      await button(page, tab).click();
      await heading(page, title).waitFor();
      await page
        .getByRole("cell", { name: seen, exact: true })
        .first()
        .waitFor();
      await picture(page, `61-query-${place}`);
    }
    const out = page.getByRole("row").filter({ hasText: "租赁住房" }).first();
    const [, number] = await out.getByRole("cell").allInnerTexts();
    await out.getByRole("button", { name: /^查看明细账/ }).click();
    await page
      .getByRole("heading", { name: /^个人明细账-/ })
      .waitFor();
    await page.getByRole("cell", { name: number, exact: true }).waitFor();
    await picture(page, "62-query-contributor");

    await button(page, "缴存人账户").click();
    await page.getByText("第 1 / 2 页").waitFor();
    await button(page, "下一页").click();
    await page.getByText("第 2 / 2 页").waitFor();
    assert.equal(
      await page.locator("tbody tr").count(),
      40,
      "240 people, 200 on a page",
    );
    await page
      .getByLabel("状态", { exact: true })
      .selectOption({ label: "封存" });
    await page.getByText("共 12 条").waitFor();
    await button(page, "导出工作簿").click();
    await page
      .getByText(/^已导出「缴存人账户.xlsx」/)
      .waitFor();
    await picture(page, "63-query-accounts");

    await page
      .getByRole("button", { name: /^查看缴存人/ })
      .first()
      .click();
    await heading(page, "个人明细账").waitFor();
    await picture(page, "64-contributor-ledger");
    await button(page, "查看明细账").click();
    await page
      .getByRole("heading", { name: /^个人明细账-/ })
      .waitFor();
    await page.getByLabel("期间").selectOption({ label: "起止日期" });
    await page.getByLabel("起始日期").fill("2026-07-02");
    await page.getByLabel("截止日期").fill("2026-07-01");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("起止日期颠倒").waitFor();
    await picture(page, "65-query-reversed");
  },

  async "the loopback shell lets in one browser and no one else"(room) {
    const { origin, token, url } = await room.start();
    const { host } = new URL(origin);
    const json = { "content-type": "application/json" };
    const opening = JSON.stringify({ token });

    const stranger = await raw(
      origin,
      "POST",
      "/call/start",
      { host, ...json },
      "{}",
    );
    assert.equal(stranger.status, 401, "without the cookie no command");
    assert.equal(
      (await raw(origin, "POST", "/upload?name=a.xlsx", { host }, "x")).status,
      401,
      "and no upload",
    );
    for (const wrong of [
      "evil.example",
      `localhost:${new URL(url).port}`,
      "127.0.0.1",
    ]) {
      const rebound = await raw(
        origin,
        "POST",
        "/session",
        { host: wrong, ...json },
        opening,
      );
      assert.equal(
        rebound.status,
        403,
        `a name that leads here is not this host: ${wrong}`,
      );
      assert.equal(
        (await raw(origin, "GET", "/", { host: wrong })).status,
        403,
        `not even the page for ${wrong}`,
      );
    }
    for (const from of ["http://evil.example", "null", `https://${host}`]) {
      const foreign = await raw(
        origin,
        "POST",
        "/session",
        { host, origin: from, ...json },
        opening,
      );
      assert.equal(foreign.status, 403, `a page of ${from} gets nothing`);
    }
    const guess = await raw(
      origin,
      "POST",
      "/session",
      { host, ...json },
      JSON.stringify({ token: "0".repeat(64) }),
    );
    assert.equal(guess.status, 401, "a guessed token opens nothing");
    assert.equal(guess.headers["set-cookie"], undefined, "and gives no cookie");

    const opened = await raw(
      origin,
      "POST",
      "/session",
      { host, origin, ...json },
      opening,
    );
    assert.equal(
      opened.status,
      204,
      "what was refused before did not use up the token",
    );
    const [given] = opened.headers["set-cookie"];
    assert.match(
      given,
      /; HttpOnly; SameSite=Strict; Path=\/$/,
      "no script and no other site can use the cookie",
    );
    const twice = await raw(
      origin,
      "POST",
      "/session",
      { host, origin, ...json },
      opening,
    );
    assert.equal(twice.status, 401, "a token opens once");

    const cookie = given.split(";")[0];
    const call = (command, headers = {}) =>
      raw(
        origin,
        "POST",
        `/call/${command}`,
        { host, origin, cookie, ...json, ...headers },
        "{}",
      );
    assert.equal(
      (await call("start")).status,
      200,
      "the one browser is let in",
    );
    assert.equal(
      (await call("start", { cookie: `${cookie}0` })).status,
      401,
      "nearly the cookie is not the cookie",
    );
    assert.equal(
      (await call("start", { origin: "http://evil.example" })).status,
      403,
      "nor does the cookie open for others",
    );
    const unknown = await call("no_such_command");
    assert.equal(unknown.status, 422, "an unknown command is refused");
    assert.equal(
      JSON.parse(unknown.text).code,
      "desk-no-such-command",
      "with the code that the pages have words for",
    );

    for (const path of [
      "/../Cargo.toml",
      "/../../Cargo.toml",
      "/%2e%2e/package.json",
      "/..%2fpackage.json",
      "/assets/..%2f..%2fpackage.json",
      "//etc/passwd",
      "/..%5cpackage.json",
    ]) {
      const { status, text } = await raw(origin, "GET", path, { host });
      assert.equal(
        status,
        404,
        `${path} leads out of the pages: nothing there`,
      );
      assert.ok(
        !/huijiao|root:/.test(text),
        `${path}: and nothing of it is told`,
      );
    }
    const { headers } = await raw(origin, "GET", "/", { host });
    assert.match(
      headers["content-security-policy"],
      /default-src 'none'; script-src 'self'; style-src 'self'/,
      "pages load only their own",
    );
    assert.match(
      headers["content-security-policy"],
      /frame-ancestors 'none'/,
      "and cannot be framed",
    );
    assert.equal(
      headers["access-control-allow-origin"],
      undefined,
      "no other origin may read",
    );

    // A browser that comes late with the used token is told so in words.
    const late = await room.open(
      { url, origin },
      { expects: [/status of 401/] },
    );
    const alert = late.getByRole("alert");
    await alert.waitFor();
    assert.match(await alert.innerText(), /[\u4e00-\u9fff]{6}/, "in Chinese");
    await picture(late, "50-no-session");
  },

  async "a script that got into the page neither runs nor reaches anybody"(
    room,
  ) {
    const page = await room.open(await room.start(), {
      expects: [/Content Security Policy|Refused to/],
    });
    await page.getByRole("heading").first().waitFor();
    await page.evaluate(`(() => { ${ATTEMPTS} })()`);
    await page.waitForFunction(
      (count) => globalThis.refused.length >= count,
      REFUSED.length,
    );
    const { refused, ran } = await page.evaluate(`(() => { ${OUTCOME} })()`);
    assert.deepEqual(refused, REFUSED, "each of them is refused by the policy");
    assert.equal(ran, null, "and nothing of it ran");
  },
};

const only = process.argv[2];
let passed = 0;
let failed = 0;
function verdict(name, error) {
  if (error) {
    failed += 1;
    console.log(`FAILED ${name}\n  ${error.stack}`);
  } else {
    passed += 1;
    console.log(`passed ${name}`);
  }
}
for (const [name, run] of Object.entries(cases)) {
  if (only && !name.includes(only)) continue;
  const room = new Room();
  let trouble = null;
  let limit;
  const late = new Promise(
    (_, failed) =>
      (limit = setTimeout(
        () => failed(new Error("it does not come to an end")),
        180_000,
      )),
  );
  try {
    await Promise.race([run(room), late]);
  } catch (error) {
    trouble = error;
    await room.failed(name);
  }
  clearTimeout(limit);
  await room.clear();
  verdict(name, trouble);
}
const holds = (name, list) =>
  verdict(name, list.length === 0 ? null : new Error(list.join("\n  ")));
holds(
  "axe finds nothing serious on any screen, and no window scrolls",
  blemishes,
);
holds("nothing on the console, no breach of the policy", watched.complaints);
holds(
  "no request leaves this computer",
  watched.count() > 0 ? [...watched.strangers] : ["no request was seen at all"],
);
await tools.browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
