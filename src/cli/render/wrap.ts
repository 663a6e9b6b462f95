/** cli/render/wrap — prose broken into lines that fit a terminal, under an indent. */

/** How wide the output may get. */
const WIDTH_MAX = 120;

/**
 * Breaks at blanks; a word longer than a line (a command, an ARN) stays whole, so it can be copied.
 *
 * @param first  what the first line starts with; the rest are indented as far
 */
export function wrap(text: string, first = '', width = WIDTH_MAX): string[] {
  const indent = ' '.repeat(first.length);
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
