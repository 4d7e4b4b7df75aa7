// Sends statements to a learning record store (xAPI 1.0.3): some at a time, again where it fails, each counting once.
"use strict";
window.store = (() => {
  const AT_ONCE = 50, WAITS = [1, 3, 9]; // statements; seconds before it is tried again

  async function ask(url, method, body, authorization) {
    const headers = { "x-experience-api-version": "1.0.3", "content-type": "application/json", ...(authorization && { authorization }) };
    for (let turn = 0; ; turn++) {
      let answer = null;
      try {
        answer = await fetch(url, { method, body, headers, signal: AbortSignal.timeout(30_000), credentials: "omit", referrerPolicy: "no-referrer" });
        if (answer.status !== 429 && answer.status < 500) return answer;
      } catch (error) { // no network, no answer, or no leave for this page (CORS): a browser doesn't tell which
        if (turn === WAITS.length) throw error;
      }
      if (turn === WAITS.length) return answer;
      await new Promise((done) => setTimeout(done, WAITS[turn] * 1000));
    }
  }

  async function send({ address, authorization }, statements, progress) { // the store's last answer, or its first refusal
    let answer = null;
    for (let at = 0; at < statements.length; at += AT_ONCE) {
      progress(at, statements.length);
      const some = statements.slice(at, at + AT_ONCE);
      answer = await ask(address, "POST", JSON.stringify(some), authorization);
      if (answer.status === 409) { // one of them is there, and the others were left out with it
        for (const one of some) {
          answer = await ask(`${address}?statementId=${one.id}`, "PUT", JSON.stringify(one), authorization);
          if (!answer.ok && answer.status !== 409) return answer; // what is there needn't be taken
        }
        continue;
      }
      if (!answer.ok) return answer;
    }
    return answer;
  }

  return { send };
})();
