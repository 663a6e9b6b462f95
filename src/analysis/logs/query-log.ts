/**
 * analysis/logs/query-log — the lines that CoreDNS's plugin `log` writes of the queries that were
 * made in this session, into the log of the pod that answered. The port and the id of a query are
 * stand-ins: no real packet had them.
 *
 * Upstream: coredns/coredns plugin/log/README.md (common log format), plugin/pkg/replacer.
 */
import type { DnsQuery, DnsRecord, Vantage } from '../../datapath/dns/answer.ts';
import type { Twin } from '../../twin/twin.ts';

const HEADER_BYTES = 12;
/** Type, class, TTL and length of a record. */
const RECORD_BYTES = 10;
const FIRST_PORT = 32_768;
const PORTS = 28_000;
const IDS = 65_536;
/** What answers from memory take. */
const DURATION = '0.000120s';

const nameBytes = (name: string): number => name.length + 1;

const dataBytes = ({ type, data }: DnsRecord): number =>
  type === 'A' ? 4 : type === 'AAAA' ? 16 : nameBytes(data);

function addressOf(twin: Twin, from: Vantage): string {
  if (from.kind === 'pod')
    return twin.store.get('Pod', `${from.namespace}/${from.name}`)?.status?.podIP ?? '0.0.0.0';
  if (from.kind !== 'node') return '0.0.0.0';
  const node = twin.store.get('Node', from.name);
  return node?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '0.0.0.0';
}

/** Has the Corefile the plugin, in any of its server blocks? */
const isLogging = (twin: Twin): boolean =>
  /^\s*log(\s|$)/m.test(twin.store.get('ConfigMap', 'kube-system/coredns')?.data?.Corefile ?? '');

/** Writes down what CoreDNS answered, where its Corefile asks for that. */
export function recordQueries(twin: Twin, queries: readonly DnsQuery[]): void {
  const asked = queries.filter(({ answeredBy }) => answeredBy === 'coredns');
  if (asked.length === 0 || !isLogging(twin)) return;
  for (const query of asked) {
    const { backends, name, type, protocol, rcode, answer, source = '' } = query;
    const [pod] = backends;
    if (pod === undefined) continue;
    const stream = `${pod.namespace}/${pod.name}/coredns`;
    const count = twin.logBook.read(stream).length;
    const size = HEADER_BYTES + nameBytes(name) + 4;
    const answered = answer.reduce(
      (sum, record) => sum + nameBytes(record.name) + RECORD_BYTES + dataBytes(record),
      size,
    );
    const flags = source.startsWith('kubernetes') ? 'qr,aa,rd' : 'qr,rd,ra';
    const remote = `${addressOf(twin, query.from)}:${FIRST_PORT + (count % PORTS)}`;
    const question = `"${type} IN ${name} ${protocol} ${size} false 512"`;
    twin.logBook.write(
      stream,
      `[INFO] ${remote} - ${count % IDS} ${question} ${rcode} ${flags} ${answered} ${DURATION}`,
    );
  }
}
