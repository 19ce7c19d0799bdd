#!/usr/bin/env node
// login.mjs USER: check a user's password through mosaicd. The password is asked for, or read from standard input.
//
// Exit status: 0 granted, 1 denied, 3 password change required, 5 try again later, 2 the agent could not decide.
import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { createInterface } from "node:readline";

const status = { granted: 0, denied: 1, password_change_required: 3 };
const later = new Set(["throttled", "overloaded", "upstream_rate_limited"]);
const path = process.env.MOSAICD_SOCKET ?? "/run/mosaicd/mosaicd.sock";

// The agent could not decide, or did not allow the call. Programs go by `kind`, the message is for people.
class AgentError extends Error {
  constructor({ message, data = {} }) {
    super(`${data.kind}: ${message}`);
    this.kind = data.kind;
    this.retryAfter = (data.retry_after_ms ?? 0) / 1000;
  }
}

// One call on a connection of its own; answers the result, or throws.
async function call(method, params, seconds = 10) {
  const request = { jsonrpc: "2.0", id: 1, method, params: { ...params, meta: { deadline_ms: seconds * 1000 } } };
  const line = await new Promise((resolve, reject) => {
    const agent = connect(path);
    // The agent answers at its deadline; more time than that is only for an agent that hangs.
    agent.setTimeout((seconds + 2) * 1000, () => agent.destroy(new Error("the agent does not answer")));
    agent.setEncoding("utf8");
    let received = "";
    agent.on("data", (text) => {
      received += text;
      const end = received.indexOf("\n");
      if (end < 0) return;
      resolve(received.slice(0, end));
      agent.destroy();
    });
    agent.on("error", reject);
    agent.on("close", () => reject(new Error("the agent closed the connection without an answer")));
    agent.write(JSON.stringify(request) + "\n");
  });
  const answer = JSON.parse(line);
  if (answer.error) throw new AgentError(answer.error);
  return answer.result;
}

// The password, never from the command line, which every user of the machine can see.
async function password() {
  const echo = (on) => spawnSync("stty", [on ? "echo" : "-echo"], { stdio: "inherit" });
  const isTerminal = process.stdin.isTTY;
  if (isTerminal) {
    process.once("exit", () => echo(true));
    process.once("SIGINT", () => process.exit(130));
    process.stderr.write("Password: ");
    echo(false);
  }
  try {
    for await (const line of createInterface({ input: process.stdin })) return line;
    throw new Error("no password on standard input");
  } finally {
    if (isTerminal) process.stderr.write("\n");
    // Else a terminal would keep the program waiting for more.
    process.stdin.destroy();
  }
}

async function main(user) {
  try {
    const result = await call("password.authenticate", { username: user, password: await password() });
    console.log(result.verdict);
    if (result.verdict === "password_change_required") {
      // With result.reset_token, reset.complete sets the new password. It is worth a password: keep it secret.
      console.error(`the password is right but ${result.cause}: a new one must be chosen`);
    }
    return status[result.verdict] ?? 2;
  } catch (error) {
    if (later.has(error.kind)) {
      console.error(`try again in ${Math.round(error.retryAfter)} s: ${error.message}`);
      return 5;
    }
    console.error(`cannot tell: ${error.message}`);
    return 2;
  }
}

if (process.argv.length !== 3) {
  console.error("usage: login.mjs USER");
  process.exitCode = 64;
} else {
  process.exitCode = await main(process.argv[2]);
}
