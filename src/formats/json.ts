/**
 * formats/json — JSON files: JSON.parse for the value (a 10 MB export must stay cheap), and a small
 * scanner that finds where a member stands only when a message needs it.
 */
import { InputError } from '../model/input-error.ts';
import { LineTable, type Path, type SourceDocument, type SourceFile } from './source.ts';

/** Offset of the first character at or after `at` that is no white space. */
function skipSpace(text: string, at: number): number {
  let i = at;
  while (i < text.length && ' \t\r\n'.includes(text[i]!)) i += 1;
  return i;
}

/** Offset after the string that opens at `at`. */
function skipString(text: string, at: number): number {
  let i = at + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i + 1;
}

/** Offset after the value that starts at `at`. */
function skipValue(text: string, at: number): number {
  let depth = 0;
  let i = at;
  do {
    const char = text[i];
    if (char === '"') {
      i = skipString(text, i);
      continue;
    }
    if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') {
      if (depth === 0) return i;
      depth -= 1;
    } else if (char === ',' && depth === 0) return i;
    i += 1;
  } while (i < text.length && (depth > 0 || !',}]'.includes(text[i]!)));
  return i;
}

/** Where each child of the container at `at` starts: its key (objects) and its value. */
function* childrenOf(
  text: string,
  at: number,
): Iterable<{ readonly step: string | number; readonly key: number; readonly value: number }> {
  const open = text[at];
  if (open !== '{' && open !== '[') return;
  let i = skipSpace(text, at + 1);
  for (let index = 0; i < text.length && text[i] !== '}' && text[i] !== ']'; index += 1) {
    const key = i;
    let step: string | number = index;
    if (open === '{') {
      const end = skipString(text, i);
      step = JSON.parse(text.slice(i, end)) as string;
      i = skipSpace(text, skipSpace(text, end) + 1);
    }
    yield { step, key, value: i };
    i = skipSpace(text, skipValue(text, i));
    if (text[i] === ',') i = skipSpace(text, i + 1);
  }
}

/** Offset of the member or item a path names, or of the deepest ancestor that exists. */
function offsetOf(text: string, path: Path): number {
  let value = skipSpace(text, 0);
  let found = value;
  for (const step of path) {
    let next: { readonly key: number; readonly value: number } | undefined;
    for (const child of childrenOf(text, value)) {
      if (child.step === step) {
        next = child;
        break;
      }
    }
    if (next === undefined) return found;
    found = next.key;
    value = next.value;
  }
  return found;
}

/** `file:line:column` of every item of the list a path names, in one pass over the text. */
function itemPlaces(file: SourceFile, path: Path): string[] {
  const lines = new LineTable(file.text);
  let value = skipSpace(file.text, 0);
  for (const step of path) {
    for (const child of childrenOf(file.text, value)) {
      if (child.step !== step) continue;
      value = child.value;
      break;
    }
  }
  const places: string[] = [];
  for (const child of childrenOf(file.text, value)) {
    places.push(`${file.path}:${lines.at(child.value)}`);
  }
  return places;
}

/** Where V8 and others say a JSON text breaks: `… at position 17`. */
const POSITION = /position (\d+)/;

/**
 * Reads one JSON file.
 *
 * @throws InputError when it is no JSON, with the place where it breaks
 */
export function parseJson(file: SourceFile): SourceDocument {
  let lines: LineTable | undefined;
  const place = (offset: number): string => {
    lines ??= new LineTable(file.text);
    return `${file.path}:${lines.at(offset)}`;
  };
  let value: unknown;
  try {
    value = JSON.parse(file.text);
  } catch (error) {
    const text = (error as Error).message;
    const position = POSITION.exec(text)?.[1];
    const end = file.text.trimEnd().length;
    throw new InputError(
      place(position === undefined ? end : Number(position)),
      `not JSON: ${text.replace(/ \(line \d+ column \d+\)/, '')}`,
      'Write the file again, e.g. aws … --output json > file.json; a cut-off file ends early.',
    );
  }
  return {
    file: file.path,
    value,
    where: (path = []) => place(offsetOf(file.text, path)),
    itemPlaces: (path) => itemPlaces(file, path),
  };
}
