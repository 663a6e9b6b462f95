/** cli/render/flow-log-lines — what VPC flow logs would record of a traced flow, in AWS's format. */
import { flowRecords } from '../../analysis/flow-logs/flow-records.ts';
import { recordLine } from '../../analysis/flow-logs/record-line.ts';
import { DEFAULT_FLOW_LOG_FORMAT } from '../../cloud/ec2/flow-log-actions.ts';
import type { Branch } from '../../datapath/walk/flow.ts';
import type { Twin } from '../../twin/twin.ts';

/** Lines of every way the flow may go; what all ways have in common stands there once. */
export function flowLogLines(twin: Twin, branches: readonly Branch[]): readonly string[] {
  const { store, clock, cloud } = twin;
  const when = { atMs: clock.now(), region: cloud.region };
  const lines = branches.flatMap((branch) =>
    flowRecords(store, branch).map((record) =>
      recordLine({ ...record, ...when }, DEFAULT_FLOW_LOG_FORMAT, store),
    ),
  );
  return [...new Set(lines)];
}
