/** cli/render/structured — `-o json|yaml`, as kubectl and the aws CLI lay them out. */

/** JSON with four blanks, as both CLIs print. */
export const asJson = (value: unknown): string => JSON.stringify(value, undefined, 4);

/** YAML block style. The library is loaded only when somebody asks for YAML. */
export async function asYaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  // Through JSON first: undefined members go, as they do in JSON.
  return stringify(JSON.parse(JSON.stringify(value)), { lineWidth: 0, indentSeq: false }).trimEnd();
}
