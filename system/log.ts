/** Takes one line for the user. */
export type Log = (line: string) => void;

/**
 * A text without the characters that a terminal obeys: what a pod, a cloud or a dump says could move the cursor, set a title or
 * write to the clipboard. Line ends and tabs stay; our own progress has no others.
 */
export const printable = (text: string): string => text.replaceAll(/[^\P{Cc}\t\n]/gu, "");
