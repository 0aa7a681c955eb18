import type { Log } from "../system/log.ts";

/** The progress of one command, step by step. */
export interface Steps {
  /** Runs one step: `[2/5] engine ... 34 s`; what it logs stands indented in between. */
  run<T>(name: string, work: (log: Log) => Promise<T>): Promise<T>;
  /** Counts a step that was done before, with its time in seconds. */
  done(name: string, seconds: number): void;
  /** To be called before something else writes to the terminal: ends the open line. */
  readonly breakLine: () => void;
}

/** A silent step repeats its line every 10 s, so that nobody thinks it hangs. */
const silence = 10_000;

/**
 * Progress of a command with `total` steps.
 *
 * @param write takes text as it is; without a line end while a step is open.
 */
export function createSteps(total: number, write: (text: string) => void): Steps {
  let index = 0;
  let open = false;
  const opened = () => open;
  const put = (text: string, leavesOpen: boolean) => {
    write(text);
    open = leavesOpen;
  };
  const breakLine = () => {
    if (opened()) put("\n", false);
  };
  const title = (name: string) => `[${String(index)}/${String(total)}] ${name} ...`;
  return {
    breakLine,
    done(name, seconds) {
      index++;
      put(`${title(name)} ${shownSeconds(seconds * 1000)}\n`, false);
    },
    async run(name, work) {
      index++;
      const begin = Date.now();
      const time = () => shownSeconds(Date.now() - begin);
      put(title(name), true);
      const ticker = setInterval(() => {
        if (opened()) put(`\n${title(name)} ${time()} ...`, true);
      }, silence);
      try {
        return await work((text) => {
          breakLine();
          put(`      ${text}\n`, false);
        });
      } finally {
        clearInterval(ticker);
        put(opened() ? ` ${time()}\n` : `${title(name)} ${time()}\n`, false);
      }
    },
  };
}

/** Milliseconds as `0.4 s` or `34 s`. */
export function shownSeconds(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return `${seconds < 10 ? seconds.toFixed(1) : seconds.toFixed(0)} s`;
}
