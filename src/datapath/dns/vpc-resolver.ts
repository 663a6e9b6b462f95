/**
 * datapath/dns/vpc-resolver — the resolver of a VPC (base + 2, 169.254.169.253) and one of the
 * internet: private zones and private DNS first, then what everybody sees, then stand-ins.
 *
 * Source: Route 53 Developer Guide, "Resolving DNS queries between VPCs and your network"; the
 * addresses of public names are made up and say so.
 */
import type { Vpc } from '../../model/ec2/vpc.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { parseIp } from '../../net/index.ts';
import type { AnsweredBy, DnsQuery, DnsRecord, Question } from './answer.ts';
import { AwsNames, type NameSource, regionOfVpc, type SourceAnswer } from './aws-names.ts';
import { addressOfReverse, isReverse } from './domain-name.ts';
import { isPublicName, standIn, standInV6 } from './public-address.ts';

/** What Amazon's resolver gives its own records. */
const TTL = 60;
const STAND_IN = 'a stand-in: the real address of a public name is not part of the twin';

type Answered = Pick<
  DnsQuery,
  'rcode' | 'answer' | 'authority' | 'answeredBy' | 'source' | 'evidence' | 'notes'
>;

export class VpcResolver {
  readonly #store: TwinStore;
  readonly #names: AwsNames;
  readonly #sources: readonly NameSource[];

  constructor(store: TwinStore, sources: readonly NameSource[]) {
    this.#store = store;
    this.#names = new AwsNames(store);
    this.#sources = sources;
  }

  /** What the resolver of a VPC answers. */
  inside(vpc: Vpc, question: Question): Answered {
    const region = regionOfVpc(this.#store, vpc.vpcId);
    if (isReverse(question.name.toLowerCase())) return this.#reverse(vpc, region, question);
    return followed(question, (asked) => {
      const name = asked.name.toLowerCase();
      const found =
        this.#fromSources(vpc.vpcId, asked) ??
        this.#names.inVpc(vpc, region, name) ??
        this.#names.everywhere(name);
      return reply(asked, 'vpc-resolver', found ?? publicName(name));
    });
  }

  /** What a resolver of the internet answers. */
  outside(question: Question): Answered {
    return followed(question, (asked) => {
      const name = asked.name.toLowerCase();
      const found = this.#fromSources(undefined, asked) ?? this.#names.everywhere(name);
      return reply(asked, 'public-resolver', found ?? publicName(name));
    });
  }

  #fromSources(vpcId: string | undefined, { name, type }: Question): SourceAnswer | undefined {
    for (const source of this.#sources) {
      const found = source.find(vpcId, name.toLowerCase(), type);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #reverse(vpc: Vpc, region: string | undefined, question: Question): Answered {
    const found = this.#fromSources(vpc.vpcId, question);
    if (found !== undefined) return reply(question, 'vpc-resolver', found);
    const ip = addressOfReverse(question.name.toLowerCase());
    const host = ip === undefined ? undefined : this.#names.hostNameOf(vpc, region, ip);
    if (host === undefined) {
      return reply(question, 'vpc-resolver', {
        ...NOTHING,
        rcode: 'NXDOMAIN',
        source: 'reverse zones',
      });
    }
    const record: DnsRecord = { name: question.name, type: 'PTR', ttl: TTL, data: host };
    return reply(question, 'vpc-resolver', {
      ...NOTHING,
      records: [record],
      source: 'private hostname',
      evidence: [{ kind: 'vpc', object: vpc.vpcId, field: 'enableDnsSupport true' }],
    });
  }
}

/** CNAMEs followed at most, as resolvers do. */
const ALIASES_MAX = 8;

/** An answer that is another name is asked for again, by the resolver itself. */
function followed(question: Question, ask: (question: Question) => Answered): Answered {
  let made = ask(question);
  for (let times = 0; times < ALIASES_MAX && question.type !== 'CNAME'; times++) {
    const last = made.answer.at(-1);
    if (last?.type !== 'CNAME') return made;
    const next = ask({ ...question, name: last.data });
    made = {
      ...next,
      answer: [...made.answer, ...next.answer],
      source: `${made.source}, then ${next.source}`,
      evidence: [...made.evidence, ...next.evidence],
      notes: [...made.notes, ...next.notes],
    };
    if (next.answer.length === 0) return made;
  }
  return made;
}

const NOTHING = { addresses: [], evidence: [], notes: [] } as const;

/** A name that is nobody's of AWS: a stand-in when it can be public, else there is none. */
function publicName(name: string): SourceAnswer {
  if (!isPublicName(name)) {
    return { ...NOTHING, rcode: 'NXDOMAIN', source: 'public names' };
  }
  const v4 = standIn(name);
  return {
    ...NOTHING,
    source: 'public names',
    addresses: [...(v4 === undefined ? [] : [v4]), standInV6(name)],
    notes: [STAND_IN],
  };
}

function reply(question: Question, answeredBy: AnsweredBy, found: SourceAnswer): Answered {
  const { name, type } = question;
  const addresses = found.addresses.filter((text) => {
    const isV6 = typeof parseIp(text) === 'bigint';
    return type === (isV6 ? 'AAAA' : 'A');
  });
  const records = (found.records ?? []).filter((it) => it.type === type || it.type === 'CNAME');
  const answer: DnsRecord[] = [
    ...records,
    ...addresses.map(
      (data): DnsRecord => ({ name, type: type === 'A' ? 'A' : 'AAAA', ttl: TTL, data }),
    ),
  ];
  return {
    rcode: found.rcode ?? 'NOERROR',
    answer,
    authority: [],
    answeredBy,
    source: found.source,
    evidence: found.evidence,
    notes: answer.length > 0 || found.rcode === 'NOT-SIMULATED' ? found.notes : [],
  };
}
