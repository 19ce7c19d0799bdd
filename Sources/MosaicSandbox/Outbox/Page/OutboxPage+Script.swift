extension OutboxPage {
    static let script = #"""
        "use strict";
        (() => {
          const kept = 500, wait = 25, longestShown = 12, key = "mosaic-sandbox-token";
          const names = { email: "Email", sms: "SMS" };
          const byId = (id) => document.getElementById(id);
          const list = byId("messages"), state = byId("state"), notice = byId("notice"), filter = byId("filter");
          let newest = 0, unseen = 0;

          /* The token leaves the address bar and the history; the tab keeps it for a reload. */
          const given = new URLSearchParams(location.hash.slice(1)).get("token");
          if (given) {
            sessionStorage.setItem(key, given);
            history.replaceState(null, "", location.pathname);
          }
          const token = sessionStorage.getItem(key);

          const element = (tag, className, text) => {
            const made = document.createElement(tag);
            if (className) made.className = className;
            if (text !== undefined) made.textContent = text;
            return made;
          };

          const copyButton = (label, text) => {
            const button = element("button", "", label);
            button.type = "button";
            button.addEventListener("click", async () => {
              try {
                await navigator.clipboard.writeText(text);
                button.textContent = "Copied";
              } catch {
                button.textContent = "Not allowed here";
              }
              setTimeout(() => { button.textContent = label; }, 1500);
            });
            return button;
          };

          const isWebAddress = (text) => {
            try {
              return ["http:", "https:"].includes(new URL(text).protocol);
            } catch {
              return false;
            }
          };

          const folded = (title, text) => {
            const details = element("details");
            details.append(element("summary", "", title), element("div", "raw", text));
            return details;
          };

          const timeOf = (message) => {
            const date = new Date(message.time);
            const time = element("time", "", date.toLocaleTimeString());
            time.dateTime = message.time;
            time.title = message.time;
            if (date.toDateString() !== new Date().toDateString()) time.textContent = date.toLocaleString();
            return time;
          };

          const card = (message) => {
            const item = element("li", "message " + (message.channel === "sms" ? "sms" : "email"));
            item.dataset.id = message.id;
            const top = element("div", "top");
            top.append(
              element("span", "channel", names[message.channel] || message.channel),
              element("span", "to", message.to), timeOf(message));
            item.append(top);
            if (message.subject) item.append(element("h2", "", message.subject));
            if (message.from) item.append(element("p", "from", "from " + message.from));
            const action = element("div", "action");
            const isShort = message.code && message.code.length <= longestShown;
            if (message.link && isWebAddress(message.link)) {
              const open = element("a", "button primary", "Open link");
              open.href = message.link;
              open.target = "_blank";
              open.rel = "noopener noreferrer";
              action.append(open, copyButton("Copy link", message.link));
            } else if (isShort) {
              action.append(element("span", "code", message.code));
            }
            if (isShort || message.link) action.append(copyButton("Copy code", message.code));
            if (action.childElementCount) item.append(action);
            item.append(element("p", "text", message.text));
            if (message.code && !(isShort && !message.link)) {
              item.append(folded("The code that the link brings", message.code));
            }
            return item;
          };

          const matches = (item) => item.textContent.toLowerCase().includes(filter.value.trim().toLowerCase());

          const say = (text) => {
            notice.textContent = text;
            notice.hidden = !text;
          };

          const refresh = () => {
            let shown = 0;
            for (const item of list.children) {
              item.hidden = !matches(item);
              if (!item.hidden) shown += 1;
            }
            if (!list.childElementCount) say("No messages yet. They appear here as soon as one is sent.");
            else say(shown ? "" : "No message matches.");
            document.title = (unseen ? `(${unseen}) ` : "") + "Outbox · Mosaic sandbox";
          };

          const show = (name, text) => {
            state.className = "state " + name;
            state.textContent = text;
          };

          const ask = async (method, query) => {
            const answer = await fetch("outbox" + query, {
              method, cache: "no-store", credentials: "omit", headers: { "X-Sandbox-Token": token },
            });
            if (answer.status === 401) throw new Error("refused");
            if (!answer.ok) throw new Error("failed");
            return answer.json();
          };

          const take = (messages, isFirst) => {
            for (const message of messages.toReversed()) {
              if (message.id <= newest) continue;
              newest = message.id;
              const item = card(message);
              if (!isFirst) item.classList.add("fresh");
              list.prepend(item);
              if (document.hidden && !isFirst) unseen += 1;
            }
            while (list.childElementCount > kept) list.lastElementChild.remove();
            refresh();
          };

          const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

          const follow = async () => {
            for (let isFirst = true, failures = 0; ;) {
              try {
                const query = `?after=${newest}&limit=${kept}&wait=${isFirst ? 0 : wait}`;
                take((await ask("GET", query)).messages, isFirst);
                isFirst = false;
                failures = 0;
                show("live", "live");
              } catch (error) {
                if (error.message === "refused") {
                  show("lost", "no access");
                  sessionStorage.removeItem(key);
                  say("The sandbox was started anew.\nOpen the address that “mosaic-sandbox outbox --url” prints.");
                  return;
                }
                failures += 1;
                show("lost", "no connection, trying again");
                await pause(Math.min(failures, 10));
              }
            }
          };

          filter.addEventListener("input", refresh);
          byId("clear").addEventListener("click", async () => {
            try {
              await ask("DELETE", "");
              list.replaceChildren();
              refresh();
            } catch {
              show("lost", "could not clear");
            }
          });
          document.addEventListener("visibilitychange", () => {
            if (!document.hidden) {
              unseen = 0;
              refresh();
            }
          });

          if (token) {
            follow();
          } else {
            show("lost", "no access");
            say("This page needs the sandbox's token.\nOpen the address that “mosaic-sandbox outbox --url” prints.");
          }
        })();

        """#
}
