/**
 * twin/cni-doubts — settings of aws-node that will not do what somebody meant: a name it has no
 * variable of, a value it cannot read. Kubernetes and aws-node take both without a word, so a "what
 * if" with a typing mistake would be answered as if nothing had been asked.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 utils/utils.go GetBoolAsStringEnvVar and ipamd.go
 * getWarmIPTarget: what does not parse is logged, and the default stays.
 */
import { ENV_VARIABLES } from '../controllers/vpc-cni/env-variables.ts';
import type { Note } from '../model/input-error.ts';
import { nearestWords } from '../model/nearest.ts';

const GO_BOOLEANS = /^(1|t|T|true|TRUE|True|0|f|F|false|FALSE|False)$/;

/** Doubts about variables of aws-node, in the order they are given; none when all are read. */
export function cniDoubts(env: Readonly<Record<string, string>>, flag = '--set-env'): Note[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const text = doubt(name, value);
    return text === undefined ? [] : [{ where: `${flag} ${name}=${value}`, text }];
  });
}

function doubt(name: string, value: string): string | undefined {
  const known = ENV_VARIABLES.find((it) => it.name === name);
  if (known === undefined) {
    const names = ENV_VARIABLES.map((it) => it.name);
    const near = nearestWords(name, names);
    const meant = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '';
    return `aws-node has no such variable, so nothing changes${meant}`;
  }
  const stays = `aws-node keeps its default, ${known.codeDefault || 'none'}`;
  if (/^(true|false)$/.test(known.codeDefault))
    return GO_BOOLEANS.test(value) ? undefined : `neither true nor false: ${stays}`;
  const counts = /^\d+$/.test(known.codeDefault) || name === 'MAX_ENI';
  if (counts && !/^\+?\d+$/.test(value)) return `not a whole number of 0 or more: ${stays}`;
  if (name === 'MAX_ENI' && Number(value) < 1) return `below 1: ${stays}`;
  return undefined;
}
