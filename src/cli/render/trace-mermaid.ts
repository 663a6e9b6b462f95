/** cli/render/trace-mermaid — a trace as a mermaid sequence of places, there and back. */
import type { TraceAnswer } from '../../analysis/trace/question.ts';
import type { Hop, Layer } from '../../datapath/trace.ts';
import { hopsOfLayer } from './trace-json.ts';

const clean = (text: string): string => text.replaceAll(/["\n;#]/g, ' ');

/** A flowchart: one box a place, arrows in the packet's order; the way back is dotted. */
export function traceMermaid(answer: TraceAnswer, layer: Layer | undefined): string {
  const ids = new Map<string, string>();
  const idOf = (node: string): string => {
    const known = ids.get(node) ?? `n${ids.size}`;
    ids.set(node, known);
    return known;
  };
  const lines = [
    'flowchart LR',
    `  %% ${clean(answer.from)} to ${clean(answer.to)}: ${answer.disposition}`,
  ];
  const arrows: string[] = [];
  for (const branch of answer.branches) {
    arrows.push(...arrowsOf(hopsOfLayer(branch.forward, layer), '-->', idOf));
    arrows.push(...arrowsOf(hopsOfLayer(branch.return ?? [], layer), '-.->', idOf));
    const last = branch.forward.at(-1);
    if (last === undefined || branch.disposition === 'delivered') continue;
    arrows.push(`  ${idOf(last.node)} --x stop["${clean(branch.text)}"]`);
  }
  for (const [node, id] of ids) lines.push(`  ${id}["${clean(node)}"]`);
  return [...lines, ...new Set(arrows)].join('\n');
}

function arrowsOf(hops: readonly Hop[], arrow: string, idOf: (node: string) => string): string[] {
  return hops.slice(1).map((hop, at) => `  ${idOf(hops[at]!.node)} ${arrow} ${idOf(hop.node)}`);
}
