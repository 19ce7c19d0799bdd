#!/usr/bin/env node
// login.mjs USER: check a user's password, read from standard input, through mosaicd.
//
// Exit status: 0 granted, 1 denied, 3 password change required, 2 the agent could not decide.
import { connect } from "node:net";
import { createInterface } from "node:readline";

const status = { granted: 0, denied: 1, password_change_required: 3 };
const path = process.env.MOSAICD_SOCKET ?? "/run/mosaicd/mosaicd.sock";

// The first line of a stream, or undefined at its end.
async function firstLine(input) {
  for await (const line of createInterface({ input })) return line;
  return undefined;
}

// One call on a connection of its own; answers the result or throws with the kind of the error.
async function call(method, params) {
  const agent = connect(path);
  // Without this, an error of the socket would go past the await below.
  const failed = new Promise((_, reject) => agent.once("error", reject));
  agent.end(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }) + "\n");
  const line = await Promise.race([firstLine(agent), failed]);
  if (line === undefined) throw new Error("the agent closed the connection");
  const answer = JSON.parse(line);
  if (answer.error) throw new Error(answer.error.data.kind);
  return answer.result;
}

try {
  const password = await firstLine(process.stdin);
  const { verdict } = await call("password.authenticate", { username: process.argv[2], password });
  console.log(verdict);
  process.exitCode = status[verdict] ?? 2;
} catch (error) {
  console.error(`cannot tell: ${error.message}`);
  process.exitCode = 2;
}
