extension OutboxPage {
    static let style = """
        :root {
          color-scheme: light dark;
          --page: #f4f5f7; --card: #ffffff; --line: #dfe2e8; --text: #1b1f27; --soft: #5a6272;
          --accent: #2f56c6; --on-accent: #ffffff; --mail: #2f56c6; --sms: #18794e; --code: #eef2fd; --bad: #b3261e;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #14161b; --card: #1d2027; --line: #31353f; --text: #e8eaf0; --soft: #a2aabb;
            --accent: #8fabff; --on-accent: #10131a; --mail: #8fabff; --sms: #6fcf9f; --code: #262c3b; --bad: #ff8a80;
          }
        }
        * { box-sizing: border-box; }
        [hidden] { display: none !important; }
        body {
          margin: 0 auto; max-width: 46rem; padding: 0 1rem 2rem; background: var(--page); color: var(--text);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
        }
        header { position: sticky; top: 0; z-index: 1; background: var(--page); padding: 1rem 0 .75rem; }
        .bar { display: flex; align-items: center; justify-content: space-between; gap: .75rem; }
        .tools { margin-top: .75rem; }
        h1 { margin: 0; font-size: 1.4rem; line-height: 1.2; }
        h1 small { font-size: .95rem; font-weight: 400; color: var(--soft); }
        .state { font-size: .85rem; color: var(--soft); white-space: nowrap; }
        .state::before {
          content: ""; display: inline-block; width: .6rem; height: .6rem; margin-right: .4rem;
          border-radius: 50%; background: var(--soft);
        }
        .state.live::before { background: var(--sms); }
        .state.lost::before { background: var(--bad); }
        input, button, .button {
          font: inherit; font-size: .95rem; color: inherit; background: var(--card); border: 1px solid var(--line);
          border-radius: .5rem; padding: .5rem .85rem; min-height: 2.6rem;
        }
        input { flex: 1; min-width: 0; }
        ::placeholder { color: var(--soft); opacity: 1; }
        button, .button { cursor: pointer; text-decoration: none; display: inline-flex; align-items: center; }
        button:hover, .button:hover { border-color: var(--accent); }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        .primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
        #messages { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem; }
        .message {
          background: var(--card); border: 1px solid var(--line); border-left: .3rem solid var(--mail);
          border-radius: .6rem; padding: .8rem 1rem 1rem; min-width: 0;
        }
        .message.sms { border-left-color: var(--sms); }
        .top { display: flex; flex-wrap: wrap; align-items: baseline; gap: .15rem .6rem; font-size: .9rem; }
        .channel { color: var(--mail); font-weight: 600; }
        .sms .channel { color: var(--sms); }
        .to { font-weight: 600; overflow-wrap: anywhere; }
        time { margin-left: auto; color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap; }
        h2 { margin: .25rem 0 0; font-size: 1.05rem; line-height: 1.35; overflow-wrap: anywhere; }
        .from { margin: 0; font-size: .85rem; color: var(--soft); overflow-wrap: anywhere; }
        .action { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem; margin-top: .6rem; }
        .code {
          font: 600 1.7rem/1.2 ui-monospace, "Cascadia Mono", "Liberation Mono", monospace; letter-spacing: .12em;
          background: var(--code); border-radius: .5rem; padding: .35rem .3rem .35rem .75rem; user-select: all;
        }
        .text { margin: .6rem 0 0; font-size: .95rem; white-space: pre-wrap; overflow-wrap: anywhere; color: var(--soft); }
        details { margin-top: .5rem; font-size: .9rem; }
        summary { cursor: pointer; color: var(--soft); width: fit-content; }
        .raw { font: .85rem/1.45 ui-monospace, "Liberation Mono", monospace; overflow-wrap: anywhere; user-select: all; }
        .notice { margin: 2rem 0; text-align: center; color: var(--soft); white-space: pre-line; }
        footer { margin-top: 1.5rem; font-size: .85rem; color: var(--soft); text-align: center; }
        @media (prefers-reduced-motion: no-preference) {
          .fresh { animation: arrive 1.6s ease-out; }
          @keyframes arrive { from { background: var(--code); transform: translateY(-.4rem); } }
        }
        @media (max-width: 30rem) {
          body { padding: 0 .75rem 1.5rem; }
          .message { padding: .7rem .8rem .85rem; }
          .code { font-size: 1.55rem; }
        }

        """
}
