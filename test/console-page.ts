/**
 * test/console-page — a Markdown page whose console blocks were typed into one shell: the commands
 * of a block, then what they printed. Read for a test, or written again with what was printed now.
 */
export interface ConsoleBlock {
  readonly commands: readonly string[];
  /** What the page shows below them. */
  readonly shown: string;
}

const BLOCK = /^```console\n((?:\$ .*\n)+)([\s\S]*?)^```$/gm;

const commandsIn = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(2));

/** The blocks in the order of the page. */
export const consoleBlocks = (page: string): ConsoleBlock[] =>
  [...page.matchAll(BLOCK)].map(([, commands, shown]) => ({
    commands: commandsIn(commands!),
    shown: shown!,
  }));

/** The page with `printed[i]` below the commands of block i. */
export function withPrinted(page: string, printed: readonly string[]): string {
  let i = 0;
  return page.replaceAll(BLOCK, (_, commands: string) => {
    const text = printed[i++] ?? '';
    const shown = text === '' || text.endsWith('\n') ? text : `${text}\n`;
    return `\`\`\`console\n${commands}${shown}\`\`\``;
  });
}
