/**
 * load-balancer/loops/declared — what stacks ask for and nobody here simulates: said of every stack
 * that asks, so that it is no silent success.
 */
import type { Note } from '../../../model/input-error.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import type { Tracking } from '../deploy/tracking.ts';
import { type Stack, stackIdText } from '../stack/stack.ts';

export class Declared {
  readonly #byStack = new Map<string, readonly string[]>();

  /** Tells of a stack that was deployed. */
  see({ prefix }: Tracking, stack: Stack): void {
    const name = `${prefix} ${stackIdText(stack.id)}`;
    const asks = notSimulated(stack);
    if (asks.length === 0) this.#byStack.delete(name);
    else this.#byStack.set(name, asks);
  }

  /** One note for each thing of each stack. */
  notes(): readonly Note[] {
    return [...this.#byStack].flatMap(([name, asks]) =>
      asks.map((what) => ({
        where: `the stack ${name.slice(name.indexOf(' ') + 1)}`,
        text: `declared, not simulated: ${what}`,
      })),
    );
  }
}

/** Kinds of the controller's that nobody simulates. */
const FOREIGN = new Map([
  ['GlobalAccelerator', 'Global Accelerator'],
  ['ALBTargetControlConfig', 'the ALB target control agent'],
]);

/** One note for each object of such a kind. */
export function foreignNotes(store: TwinStore): readonly Note[] {
  const notes: Note[] = [];
  for (const { value } of store.entries('Unknown')) {
    const what = FOREIGN.get(value.kind);
    if (what === undefined || !value.apiVersion.includes('.k8s.aws/')) continue;
    const text = `declared, not simulated: ${what}`;
    notes.push({ where: `${value.kind} ${keyOf(value)}`, text });
  }
  return notes;
}

function notSimulated(stack: Stack): readonly string[] {
  const asks: string[] = [];
  for (const { spec } of stack.list('AWS::WAFv2::WebACLAssociation'))
    if (spec.webACLARN !== '') asks.push(`the WAFv2 web ACL ${spec.webACLARN}: it lets all pass`);
  for (const { spec } of stack.list('AWS::WAFRegional::WebACLAssociation'))
    if (spec.webACLID !== '') asks.push(`the WAF web ACL ${spec.webACLID}: it lets all pass`);
  for (const { spec } of stack.list('AWS::Shield::Protection'))
    if (spec.enabled) asks.push('AWS Shield Advanced');
  for (const { spec } of stack.list('AWS::ACM::Certificate'))
    asks.push(`the certificate for ${spec.domainName} that the controller asks ACM for`);
  return asks;
}
