/** test/random-twin/questions — what is asked of a random twin: flows of every sort. */
import type { TraceQuestion } from '../../src/analysis/trace/question.ts';
import type { TwinStore } from '../../src/model/kinds.ts';
import type { Pod } from '../../src/model/kubernetes/core.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP, type Protocol } from '../../src/net/index.ts';
import type { Random } from '../../src/sim/random.ts';
import { pick, sometimes } from './draw.ts';

const endOf = ({ metadata: { namespace, name } }: Pod): string => `pod/${namespace}/${name}`;

/** `count` questions; ends that do not exist here are asked for too. */
export function questions(store: TwinStore, random: Random, count: number): TraceQuestion[] {
  const pods = store
    .list('Pod')
    .filter(({ metadata, status }) => metadata.namespace !== 'kube-system' && status?.podIP);
  const all = pods.length > 0 ? pods : store.list('Pod');
  const nodes = store.list('Node').map(({ metadata }) => `node/${metadata.name}`);
  const pod = (): string => endOf(pick(random, all));
  const node = (): string => pick(random, nodes);
  const namespace = (): string => pick(random, ['town', 'bank']);
  const ask = (from: string, to: string, protocol: Protocol = PROTOCOL_TCP): TraceQuestion => ({
    from,
    to,
    protocol,
    withReturn: sometimes(random, 0.95),
    namespace: 'town',
    sizeBytes: sometimes(random, 0.08) ? pick(random, [1600, 8900, 9100]) : undefined,
  });
  const draws: readonly (() => TraceQuestion)[] = [
    () => ask(pod(), `${pod()}:${pick(random, [80, 8080, 7000])}`),
    () => ask(pod(), `http://${pick(random, ['web', 'bare', 'empty', 'none'])}.${namespace()}/x`),
    () => ask(pod(), `svc/${namespace()}/web:80`),
    () => ask(pod(), `svc/${namespace()}/api:53`, PROTOCOL_UDP),
    () => ask(pod(), `svc/town/${pick(random, ['host:7000', 'empty:80', 'door:80', 'api:81'])}`),
    () => ask(pod(), 'internet'),
    () => ask('internet', `${node()}:${pick(random, [30_180, 22, 9090])}`),
    () => ask(node(), `${node()}:${pick(random, [30_180, 30_181, 10_250, 9090])}`),
    () => ask(node(), `${pod()}:8080`),
    () => ask(pod(), 'db/ledger'),
    () => ask(node(), 'apiserver'),
    () => ask(pod(), 'svc/default/kubernetes:443'),
    () => ask('apiserver', `${node()}:10250`),
    () => ask('apiserver', `${pod()}:8080`),
    () => ask('internet', 'apiserver'),
    () => ask('i-01100000000000000', `${pod()}:8080`),
    () =>
      ask('i-0fa00000000000000', `${pick(random, [pod(), node()])}:${pick(random, [80, 30_181])}`),
    () => ask(pod(), 'i-0fa00000000000000:443'),
    () => ask(pod(), `aws/${pick(random, ['sts', 's3', 'ecr'])}`),
    () => ask(pod(), pod(), PROTOCOL_ICMP),
    () => ask(pod(), 'internet', PROTOCOL_ICMP),
    () => ask('i-01100000000000000', node(), PROTOCOL_ICMP),
    () => ask(pod(), '203.0.113.7:53', PROTOCOL_UDP),
    () => ask('db/ledger', `${pod()}:8080`),
  ];
  return Array.from({ length: count }, () => pick(random, draws)());
}
