/** twin/call-log — the EC2 calls made, who made them and how long they took. */

export interface Ec2Call {
  readonly atMs: number;
  readonly durationMs: number;
  /** `aws-node on ip-10-0-1-5…`, `vpc-resource-controller`, `auto-scaling`. */
  readonly caller: string;
  /** `AssignPrivateIpAddresses` */
  readonly action: string;
  /** Absent when it succeeded. */
  readonly errorCode?: string | undefined;
}

/** Calls kept in full; older ones are only counted. */
const KEPT_MAX = 20_000;

export class CallLog {
  readonly calls: Ec2Call[] = [];
  readonly countByAction = new Map<string, number>();
  readonly errorsByCode = new Map<string, number>();

  record(call: Ec2Call): void {
    this.countByAction.set(call.action, (this.countByAction.get(call.action) ?? 0) + 1);
    if (call.errorCode !== undefined) {
      this.errorsByCode.set(call.errorCode, (this.errorsByCode.get(call.errorCode) ?? 0) + 1);
    }
    if (this.calls.length < KEPT_MAX) this.calls.push(call);
  }
}
