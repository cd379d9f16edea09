package dev.tandem.models.report;

/** The look of the page, in light and dark. */
final class Stylesheet {
  /** Line styles {@code s0} and on. Colours (Okabe and Ito's) and dashes both tell lines apart. */
  static final int SERIES = 6;

  static final String CSS =
      """
      :root { color-scheme: light dark; --page: #fff; --text: #1c2126; --soft: #5b6570;
        --line: #dfe3e8; --panel: #f6f8fa; --warning: #b54708; --warned: #fff4e5;
        --hit: 0, 98, 163; --miss: 190, 70, 0;
        --s0: #0072b2; --s1: #d55e00; --s2: #009e73; --s3: #b5578f; --s4: #a07800; --s5: #56606b; }
      @media (prefers-color-scheme: dark) {
        :root { --page: #14181d; --text: #e6e9ec; --soft: #9aa5b1; --line: #323a43;
          --panel: #1c2229; --warning: #ffb266; --warned: #33261a;
          --hit: 64, 156, 220; --miss: 240, 130, 60;
          --s0: #56b4e9; --s1: #f0803c; --s2: #2fc79b; --s3: #dd8fbe; --s4: #e3bd3d; --s5: #aab4bf; } }
      * { box-sizing: border-box; }
      body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 66rem; background: var(--page);
        color: var(--text); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
      h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .5rem; }
      h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; }
      p { margin: .4rem 0; }
      .none { color: var(--soft); font-style: italic; }
      .notes { list-style: none; margin: 0; padding: 0; }
      .notes li { margin: .4rem 0; padding: .5rem .8rem; background: var(--panel);
        border-left: 4px solid var(--line); border-radius: 4px; }
      .notes .warning { background: var(--warned); border-color: var(--warning); }
      .notes .warning strong { color: var(--warning); }
      .scroll { overflow-x: auto; }
      table { border-collapse: collapse; font-size: .92rem; }
      th, td { padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top;
        border-bottom: 1px solid var(--line); overflow-wrap: normal; }
      tbody th { font-weight: 500; }
      thead th { color: var(--soft); font-weight: 600; }
      .number { text-align: right; padding-left: 1.2rem; padding-right: .2rem;
        font-variant-numeric: tabular-nums; white-space: nowrap; }
      .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
        gap: 1.2rem; }
      figure { margin: 0; padding: .8rem; background: var(--panel); border-radius: 8px; }
      figcaption { font-weight: 600; }
      figure > svg { display: block; width: 100%; height: auto; }
      svg text { font: 12px system-ui, sans-serif; fill: var(--soft); }
      .grid { stroke: var(--line); }
      .axis { stroke: var(--soft); }
      path { fill: none; stroke-width: 2; stroke-linejoin: round; }
      .s0 { stroke: var(--s0); } circle.s0 { fill: var(--s0); }
      .s1 { stroke: var(--s1); } circle.s1 { fill: var(--s1); }
      .s2 { stroke: var(--s2); } circle.s2 { fill: var(--s2); }
      .s3 { stroke: var(--s3); } circle.s3 { fill: var(--s3); }
      .s4 { stroke: var(--s4); } circle.s4 { fill: var(--s4); }
      .s5 { stroke: var(--s5); } circle.s5 { fill: var(--s5); }
      path.s1 { stroke-dasharray: 7 3; } path.s2 { stroke-dasharray: 2 3; }
      path.s3 { stroke-dasharray: 9 3 2 3; } path.s4 { stroke-dasharray: 4 2; }
      path.s5 { stroke-dasharray: 12 4; }
      .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .3rem 0 0;
        padding: 0; font-size: .88rem; }
      .legend svg { width: 24px; height: 8px; margin-right: .4rem; vertical-align: middle; }
      .heat { font-size: .85rem; font-variant-numeric: tabular-nums; }
      .heat th, .heat td { border: 1px solid var(--line); padding: .2rem .3rem; text-align: right;
        min-width: 1.8rem; }
      .heat thead td { border: 0; }
      .heat thead th { text-align: center; vertical-align: bottom; }
      .heat thead span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 11rem;
        overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
      .heat tbody th { position: sticky; left: 0; background: var(--page); max-width: 14rem; overflow: hidden; text-overflow: ellipsis;
        white-space: nowrap; }
      .heat .hit { background: rgba(var(--hit), var(--share)); }
      .heat .miss { background: rgba(var(--miss), calc(.12 + .88 * var(--share))); }
      .heat .strong { color: var(--page); }
      """;

  private Stylesheet() {}
}
