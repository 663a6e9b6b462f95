/**
 * datapath/elb/status-matcher — whether a health check's answer has one of the codes asked for:
 * `200`, `200,302`, `200-399`.
 */

/** @param matcher  as the target group has it */
export const matchesStatus = (matcher: string, status: number): boolean =>
  matcher.split(',').some((part) => {
    const [from, to = from] = part.trim().split('-').map(Number);
    return from !== undefined && to !== undefined && status >= from && status <= to;
  });
