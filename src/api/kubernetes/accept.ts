/**
 * api/kubernetes/accept — the form an answer is wanted in: JSON, or JSON of a Table or of metadata
 * only. Protobuf and CBOR are never answered; clients that prefer them also take JSON.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/negotiation/negotiate.go.
 */

/** `application/json;as=Table;v=v1;g=meta.k8s.io` and the like. */
export interface AcceptedForm {
  readonly as?: string | undefined;
  readonly version?: string | undefined;
  readonly group?: string | undefined;
  readonly isYaml: boolean;
}

export const ANSWERED_TYPES = ['application/json', 'application/yaml'];

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

function clausesOf(header: string): Clause[] {
  return header.split(',').map((text) => {
    const [type = '', ...rest] = text.split(';').map((it) => it.trim());
    const parameters = new Map(
      rest.map((it) => {
        const [name = '', value = ''] = it.split('=');
        return [name.trim().toLowerCase(), value.trim()];
      }),
    );
    const quality = Number(parameters.get('q') ?? 1);
    return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 1 : quality };
  });
}

/**
 * The first acceptable form, best quality first; undefined when none can be answered.
 *
 * @param offers  which conversions (`Table`, `PartialObjectMetadata`, …) this answer has
 */
export function acceptedForm(
  header: string | undefined,
  offers: ReadonlySet<string>,
): AcceptedForm | undefined {
  if (header === undefined || header.trim() === '') return { isYaml: false };
  const clauses = clausesOf(header);
  clauses.sort((a, b) => b.quality - a.quality);
  for (const { type, parameters } of clauses) {
    const isYaml = type === 'application/yaml';
    if (!isYaml && !['application/json', 'application/*', '*/*'].includes(type)) continue;
    const as = parameters.get('as');
    if (as === undefined) return { isYaml };
    if (!offers.has(as)) continue;
    return { as, version: parameters.get('v'), group: parameters.get('g'), isYaml: false };
  }
  return undefined;
}
