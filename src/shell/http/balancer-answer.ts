/**
 * shell/http/balancer-answer — what a load balancer that speaks HTTP sends in place of a target's
 * answer: redirects, fixed responses, error pages.
 *
 * Source: responses of ALBs as they are seen in public (Server: awselb/2.0); Classic Load
 * Balancers, "Troubleshoot": a reason phrase and no body.
 */
import type { HttpExchange } from '../../datapath/walk/flow.ts';
import { type Response, reasonOf, response } from './message.ts';

/** As nginx, which ALB's pages look like, names them. */
const TITLES: Readonly<Record<number, string>> = {
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};
const SERVER = { name: 'Server', value: 'awselb/2.0' };
const KEPT = { name: 'Connection', value: 'keep-alive' };

/** A target's answer as a load balancer passes it on: it keeps its own connection to the client. */
export const passedOn = (answer: Response): Response => ({
  ...answer,
  headers: [...answer.headers.filter(({ name }) => name.toLowerCase() !== 'connection'), KEPT],
});

/** @param date  the Date header's text */
export function balancerAnswer(
  { response: made }: Pick<HttpExchange, 'response'>,
  date: string,
  isPlainToTls: boolean,
): Response | undefined {
  if (made === undefined) return undefined;
  const { status, location, body, contentType } = made;
  const dated = [SERVER, { name: 'Date', value: date }];
  if (body !== undefined || contentType !== undefined)
    return response(status, contentType ?? 'text/plain', body ?? '', [...dated, KEPT]);
  const title = `${status} ${TITLES[status] ?? reasonOf(status)}`;
  const said = isPlainToTls
    ? '<center>The plain HTTP request was sent to HTTPS port</center>\r\n'
    : '';
  const page =
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n` +
    `<center><h1>${title}</h1></center>\r\n${said}</body>\r\n</html>\r\n`;
  const to = location === undefined ? [] : [{ name: 'Location', value: location }];
  const answered = response(status, 'text/html', page, [...dated, KEPT, ...to]);
  return { ...answered, reason: TITLES[status] ?? answered.reason };
}
