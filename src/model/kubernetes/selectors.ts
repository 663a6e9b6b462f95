/**
 * model/kubernetes/selectors — which objects a selector means, and the text form of `-l`.
 *
 * Upstream: kubernetes/apimachinery pkg/apis/meta/v1/helpers.go LabelSelectorAsSelector and
 * pkg/labels/selector.go Requirement.Matches, Parse.
 */
import type { LabelSelector, LabelSelectorRequirement, Labels } from './meta.ts';

/**
 * True when the labels satisfy every requirement. An empty selector matches everything, an absent
 * one nothing.
 */
export function matchesSelector(
  selector: LabelSelector | undefined,
  labels: Labels | undefined,
): boolean {
  if (selector === undefined || selector === null) return false;
  if (!matchesLabels(selector.matchLabels, labels)) return false;
  for (const requirement of selector.matchExpressions ?? []) {
    if (!matchesRequirement(requirement, labels)) return false;
  }
  return true;
}

/** True when every wanted label is there with its value (a Service's `spec.selector`). */
export function matchesLabels(wanted: Labels | undefined, labels: Labels | undefined): boolean {
  for (const key in wanted) {
    if (labels === undefined || labels[key] !== wanted[key]) return false;
  }
  return true;
}

/** True when the labels satisfy one requirement; NotIn matches when the label is absent. */
export function matchesRequirement(
  { key, operator, values = [] }: LabelSelectorRequirement,
  labels: Labels | undefined,
): boolean {
  const value = labels?.[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** True when the selector says nothing, so matches everything. */
export const isEmptySelector = (selector: LabelSelector | undefined): boolean =>
  selector !== undefined &&
  Object.keys(selector.matchLabels ?? {}).length === 0 &&
  (selector.matchExpressions ?? []).length === 0;

/** A requirement of `-l`: set based, or a numeric comparison (`key>1`), which only `-l` has. */
type TextRequirement = LabelSelectorRequirement | OrderRequirement;

interface OrderRequirement {
  readonly key: string;
  readonly operator: 'Gt' | 'Lt';
  readonly values: readonly string[];
}

const isOrder = (requirement: TextRequirement): requirement is OrderRequirement =>
  requirement.operator === 'Gt' || requirement.operator === 'Lt';

export interface TextSelector {
  readonly requirements: readonly TextRequirement[];
}

/** What is wrong with a selector text. */
export interface SelectorProblem {
  readonly problem: string;
}

export const isSelectorProblem = (
  selector: TextSelector | SelectorProblem,
): selector is SelectorProblem => 'problem' in selector;

/** True when the labels satisfy a selector read from text. */
export function matchesText(selector: TextSelector, labels: Labels | undefined): boolean {
  return selector.requirements.every((requirement) => {
    if (!isOrder(requirement)) return matchesRequirement(requirement, labels);
    const value = labels?.[requirement.key];
    if (value === undefined || !/^-?\d+$/.test(value)) return false;
    const limit = Number(requirement.values[0]);
    return requirement.operator === 'Gt' ? Number(value) > limit : Number(value) < limit;
  });
}

const SET_FORM = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;
const EQUAL_FORM = /^([^\s=!<>()]+)\s*(==|=|!=)\s*([^\s=!<>()]*)$/;
const ORDER_FORM = /^([^\s=!<>]+)\s*([<>])\s*(-?\d+)$/;
const KEY_FORM = /^[^\s=!<>(),]+$/;

/** Reads `-l`: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`. An empty text matches everything. */
export function parseSelector(text: string): TextSelector | SelectorProblem {
  if (text.trim() === '') return { requirements: [] };
  const requirements: TextRequirement[] = [];
  for (const part of splitOutsideParentheses(text)) {
    const requirement = parseRequirement(part.trim());
    if (requirement === undefined) {
      return { problem: `unable to parse requirement: "${part.trim()}" in selector "${text}"` };
    }
    requirements.push(requirement);
  }
  return { requirements };
}

function parseRequirement(part: string): TextRequirement | undefined {
  const set = SET_FORM.exec(part);
  if (set !== null) {
    const values = set[3]!.split(',').map((value) => value.trim());
    return { key: set[1]!, operator: set[2] === 'in' ? 'In' : 'NotIn', values };
  }
  const equal = EQUAL_FORM.exec(part);
  if (equal !== null) {
    return { key: equal[1]!, operator: equal[2] === '!=' ? 'NotIn' : 'In', values: [equal[3]!] };
  }
  const order = ORDER_FORM.exec(part);
  if (order !== null) {
    return { key: order[1]!, operator: order[2] === '>' ? 'Gt' : 'Lt', values: [order[3]!] };
  }
  if (part.startsWith('!')) {
    const key = part.slice(1).trim();
    return KEY_FORM.test(key) ? { key, operator: 'DoesNotExist' } : undefined;
  }
  return KEY_FORM.test(part) ? { key: part, operator: 'Exists' } : undefined;
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** Writes a selector as kubectl prints it: `a=b,c in (d,e),!f`; `<none>` when empty. */
export function formatSelector(selector: LabelSelector | undefined): string {
  const parts: string[] = [];
  for (const key of Object.keys(selector?.matchLabels ?? {}).sort()) {
    parts.push(`${key}=${selector!.matchLabels![key]!}`);
  }
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    if (operator === 'Exists') parts.push(key);
    else if (operator === 'DoesNotExist') parts.push(`!${key}`);
    else
      parts.push(`${key} ${operator === 'In' ? 'in' : 'notin'} (${[...values].sort().join(',')})`);
  }
  return parts.length === 0 ? '<none>' : parts.join(',');
}
