/** twin/call-log — the AWS calls made, who made them and how long they took. */
import type { MeteredCall } from '../cloud/decorate.ts';

/** A caller is `aws-node on ip-10-0-1-5…`, `vpc-resource-controller`, `auto-scaling`. */
export type AwsCall = MeteredCall;

/** Calls kept in full; older ones are only counted. */
const KEPT_MAX = 20_000;

export class CallLog {
  readonly calls: AwsCall[] = [];
  readonly countByAction = new Map<string, number>();
  readonly errorsByCode = new Map<string, number>();

  record(call: AwsCall): void {
    this.countByAction.set(call.action, (this.countByAction.get(call.action) ?? 0) + 1);
    if (call.errorCode !== undefined) {
      this.errorsByCode.set(call.errorCode, (this.errorsByCode.get(call.errorCode) ?? 0) + 1);
    }
    if (this.calls.length < KEPT_MAX) this.calls.push(call);
  }
}
