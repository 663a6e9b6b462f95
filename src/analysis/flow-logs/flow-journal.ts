/**
 * analysis/flow-logs/flow-journal — the flow logs of a running twin: records of the flows that went
 * through it, delivered to every flow log that covers their interface. The newest are kept.
 */
import type { FlowLog } from '../../model/ec2/flow-log.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Twin } from '../../twin/twin.ts';
import { flowRecords, type WalkedFlow } from './flow-records.ts';
import { recordLine } from './record-line.ts';

/** Lines kept of one flow log. */
const LINES_MAX = 10_000;

const covers = ({ resourceId }: FlowLog, eni: NetworkInterface): boolean =>
  resourceId === eni.vpcId || resourceId === eni.subnetId || resourceId === eni.networkInterfaceId;

export class FlowJournal {
  readonly #twin: Twin;
  readonly #lines = new Map<string, string[]>();

  constructor(twin: Twin) {
    this.#twin = twin;
  }

  /** A flow went this way; costs nothing where no flow log is made. */
  saw(flow: WalkedFlow): void {
    const { store, clock, cloud } = this.#twin;
    if (store.count('ec2/flow-log') === 0) return;
    const logs = store.list('ec2/flow-log');
    for (const record of flowRecords(store, flow)) {
      for (const log of logs) {
        if (!covers(log, record.networkInterface)) continue;
        if (log.trafficType !== 'ALL' && log.trafficType !== record.action) continue;
        const timed = { ...record, atMs: clock.now(), region: cloud.region };
        this.#keep(log.flowLogId, recordLine(timed, log.logFormat, store));
      }
    }
  }

  /** What a flow log holds, oldest first; undefined for one that is not there. */
  lines(flowLogId: string): readonly string[] | undefined {
    return this.#twin.store.get('ec2/flow-log', flowLogId) === undefined
      ? undefined
      : (this.#lines.get(flowLogId) ?? []);
  }

  #keep(flowLogId: string, line: string): void {
    const lines = this.#lines.get(flowLogId) ?? [];
    lines.push(line);
    if (lines.length > LINES_MAX) lines.splice(0, lines.length - LINES_MAX);
    this.#lines.set(flowLogId, lines);
  }
}

const journals = new WeakMap<Twin, FlowJournal>();

/** The one journal of a twin. */
export function flowJournalOf(twin: Twin): FlowJournal {
  let journal = journals.get(twin);
  if (journal === undefined) {
    journal = new FlowJournal(twin);
    journals.set(twin, journal);
  }
  return journal;
}
