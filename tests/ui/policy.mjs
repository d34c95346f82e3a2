// What a script that got into a page would try, in the browser and in the real window.

/** Body of a function: tries it; what the page's policy refuses gathers in `globalThis.refused`. */
export const ATTEMPTS = `
  globalThis.refused = [];
  document.addEventListener("securitypolicyviolation", (event) => globalThis.refused.push(event.blockedURI));
  const inline = document.createElement("script");
  inline.textContent = "globalThis.ran = 'inline'";
  document.body.append(inline);
  const elsewhere = document.createElement("script");
  elsewhere.src = "http://127.0.0.1:9/elsewhere.js";
  document.body.append(elsewhere);
  // A text as a timer's work is what eval is, and no tool runs it in the page's place.
  setTimeout("globalThis.ran = 'eval'");
  fetch("http://127.0.0.1:9/people", { method: "POST", body: "0" }).catch(() => {});
`;

/** What is refused of it, in the words of the policy's own reports. */
export const REFUSED = ["eval", "http://127.0.0.1:9/elsewhere.js", "http://127.0.0.1:9/people", "inline"];

/** Body of a function: what was refused so far, and what ran. */
export const OUTCOME = "return { refused: [...globalThis.refused].sort(), ran: globalThis.ran ?? null };";
