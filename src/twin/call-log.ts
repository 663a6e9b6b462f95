/** twin/call-log — the AWS calls made, who made them and how long they took. */
import type { MeteredCall } from '../cloud/decorate.ts';

/** A caller is `aws-node on ip-10-0-1-5…`, `vpc-resource-controller`, `auto-scaling`. */
export type AwsCall = MeteredCall;

/** At least so many of the last calls are kept in full; older ones are only counted. */
const KEPT_MIN = 20_000;

/** `aws-node` of `aws-node on ip-10-0-1-5…`: nodes are too many to count each. */
const kindOf = (caller: string): string => caller.split(' on ')[0]!;

export class CallLog {
  readonly calls: AwsCall[] = [];
  readonly countByAction = new Map<string, number>();
  readonly errorsByCode = new Map<string, number>();
  /** By `service action caller code`, blanks between; the code is empty where it succeeded. */
  readonly countByOutcome = new Map<string, number>();

  record(call: AwsCall): void {
    this.countByAction.set(call.action, (this.countByAction.get(call.action) ?? 0) + 1);
    if (call.errorCode !== undefined) {
      this.errorsByCode.set(call.errorCode, (this.errorsByCode.get(call.errorCode) ?? 0) + 1);
    }
    const outcome = `${call.service} ${call.action} ${kindOf(call.caller)} ${call.errorCode ?? ''}`;
    this.countByOutcome.set(outcome, (this.countByOutcome.get(outcome) ?? 0) + 1);
    this.calls.push(call);
    if (this.calls.length >= 2 * KEPT_MIN) this.calls.splice(0, this.calls.length - KEPT_MIN);
  }
}
