/** formats/documents — a file's documents, whichever of YAML and JSON it is written in. */
import { parseJson } from './json.ts';
import type { SourceDocument, SourceFile } from './source.ts';
import { parseYaml } from './yaml.ts';

/** JSON by name, or by its first character when it then is JSON; everything else is YAML. */
export function documentsOf(file: SourceFile): SourceDocument[] {
  const text = file.text.trim();
  if (text === '') return [];
  if (file.path.endsWith('.json')) return [parseJson(file)];
  if (text.startsWith('{') || text.startsWith('[')) {
    try {
      return [parseJson(file)];
    } catch {
      // A flow-style YAML file, or a template that opens with an expression.
    }
  }
  return parseYaml(file);
}
