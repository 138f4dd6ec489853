import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { READABLE, ready, Socket, type SocketDuplex, type ToDuplexOptions } from '../../lib/index.ts';
import { closed, expectEnd, pattern, receive, serve, streamOf } from '../support/duplex.ts';
import { describeEachHosting, until } from '../support/hosted.ts';
import { lacks } from '../support/runtimes.ts';
import { addressOf, bytes, connect, drain, listen, say } from '../support/sockets.ts';

interface Served {
  readonly server: http.Server;
  readonly listener: Socket;
  readonly streams: SocketDuplex[];
}

const serving = (
  options: ToDuplexOptions,
  handler: http.RequestListener,
  server: http.Server = http.createServer(),
): Served => {
  const [listener, streams] = [listen(), [] as SocketDuplex[]];
  server.on('request', handler);
  serve(listener, options, (stream) => {
    streams.push(stream);
    server.emit('connection', stream);
  });
  return { server, listener, streams };
};

/** An agent whose connections are streams of sockets. */
const agentTo = (listener: Socket, options: ToDuplexOptions, made: SocketDuplex[] = []): http.Agent => {
  const agent = new http.Agent({ keepAlive: true });
  agent.createConnection = () => {
    const stream = streamOf(Socket.connect(addressOf(listener)), options);
    made.push(stream);
    return stream;
  };
  onTestFinished(() => agent.destroy());
  return agent;
};

const textOf = async (message: http.IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of message.setEncoding('latin1')) text += chunk;
  return text;
};

const request = async (options: http.RequestOptions, body?: Buffer): Promise<[http.IncomingMessage, string]> => {
  const outgoing = http.request({ host: '127.0.0.1', ...options, method: body ? 'POST' : 'GET' });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [http.IncomingMessage];
  return [answer, await textOf(answer)];
};

const hash = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');

describeEachHosting('node:http over streams of sockets', (host) => {
  const forgets = lacks('keeping given HTTP connections alive');
  it(
    forgets
      ? `serves requests one after another: ${forgets}`
      : 'serves requests one after another on one connection, as server and as client',
    async () => {
      const poller = host.poller();
      const made: SocketDuplex[] = [];
      const { listener, streams } = serving({ poller }, (incoming, response) => {
        response.end(`${incoming.method} ${incoming.url} from ${incoming.socket.remoteAddress}`);
      });
      const agent = agentTo(listener, { poller }, made);
      for (let i = 0; i < 5; i++) {
        const [{ statusCode, headers }, text] = await request({ agent, path: `/${i}` });
        expect([statusCode, text]).toEqual([200, `GET /${i} from 127.0.0.1`]);
        expect(headers.connection).toBe('keep-alive');
        if (!forgets) await until('the connection is free again', () => Object.keys(agent.freeSockets).length === 1);
      }
      expect([streams.length, made.length]).toEqual(forgets ? [5, 5] : [1, 1]);
    },
  );

  it('answers what is pipelined, in order', async () => {
    const { listener } = serving({ poller: host.poller() }, (incoming, response) => response.end(`[${incoming.url}]`));
    const client = connect(addressOf(listener));
    say(client, ['/a', '/b', '/c'].map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
    let text = '';
    while (!text.includes('[/c]')) text += await receive(client, 1);
    expect([...text.matchAll(/\[(.*?)\]/g)].map(([, path]) => path)).toEqual(['/a', '/b', '/c']);
  });

  it('carries large bodies both ways', async () => {
    const poller = host.poller();
    const data = pattern(6_000_000);
    const { listener } = serving({ poller }, (incoming, response) => void incoming.pipe(response));
    const [, text] = await request({ agent: agentTo(listener, { poller }) }, data);
    expect(text.length).toBe(data.length);
    expect(hash(Buffer.from(text, 'latin1'))).toBe(hash(data));
  });

  const leaves = lacks('closing after the last HTTP response');
  it(
    leaves ? `ends the connection when it is asked to: ${leaves}` : 'closes the connection when it is asked to',
    async () => {
      const { listener, streams } = serving({ poller: host.poller() }, (_incoming, response) => response.end('bye'));
      const client = connect(addressOf(listener));
      say(client, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      if (!leaves) await until('it has closed', () => streams[0]?.destroyed === true);
      expect((await receive(client, 15)).toString()).toBe('HTTP/1.1 200 OK');
      await until('the end', () => drain(client).ended);
      client.close();
      await until('it has closed', () => streams[0]?.destroyed === true);
    },
  );

  it('tells the server of a client that breaks off, and the client of a server that does', async () => {
    const poller = host.poller();
    const { listener, streams, server } = serving({ poller }, (incoming) => {
      incoming.once('close', () => server.emit('broken', incoming.destroyed));
    });
    const broken = once(server, 'broken');
    const client = connect(addressOf(listener));
    say(client, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
    await until('the request is there', () => (streams[0]?.bytesRead ?? 0) > 0);
    client.reset();
    expect(await broken).toEqual([true]);

    const outgoing = http.request({ agent: agentTo(listener, { poller }) }).end();
    const failed = once(outgoing, 'error');
    await until('it is accepted', () => streams.length === 2 && (streams[1]?.bytesRead ?? 0) > 0);
    streams[1]?.destroy();
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
  });

  it('closes idle connections after keepAliveTimeout, which a client without a request hears', async () => {
    const poller = host.poller();
    const { server, listener, streams } = serving({ poller }, (_incoming, response) => response.end('x'));
    server.keepAliveTimeout = 30;
    const made: SocketDuplex[] = [];
    const agent = agentTo(listener, { poller }, made);
    await request({ agent });
    await Promise.all([...streams, ...made].map(closed));
    const [, text] = await request({ agent });
    expect(text).toBe('x');
    expect(made).toHaveLength(2);
  });

  const timeless = lacks('timeouts of given HTTP connections');
  it(
    timeless
      ? `looks after no requestTimeout: ${timeless}`
      : 'looks after requestTimeout once it is told that it listens',
    async () => {
      const server = http.createServer({ requestTimeout: 20, headersTimeout: 10, connectionsCheckingInterval: 5 });
      onTestFinished(() => void server.close());
      const { listener } = serving({ poller: host.poller() }, (_incoming, response) => response.end('x'), server);
      server.emit('listening');
      const client = connect(addressOf(listener));
      say(client, 'GET / HTTP/1.1\r\nHost: x\r\n');
      if (timeless) expect(await ready(client, READABLE, { timeout: 100 })).toBe(0);
      else expect((await receive(client, 12)).toString()).toBe('HTTP/1.1 408');
    },
  );

  it(timeless ? `has timeouts of requests: ${timeless}` : 'has timeouts of sockets and of requests', async () => {
    const poller = host.poller();
    const { server, listener } = serving({ poller }, () => {});
    server.setTimeout(20);
    const timeout = once(server, 'timeout');
    const outgoing = http.request({ agent: agentTo(listener, { poller }), timeout: 10 }).end();
    outgoing.on('error', () => {});
    await once(outgoing, 'timeout');
    if (!timeless) expect(((await timeout) as [SocketDuplex])[0].timeout).toBe(20);
    outgoing.destroy();
  });

  it('lets a handler upgrade, and gives it the stream', async () => {
    const { server, listener } = serving({ poller: host.poller() }, () => {});
    server.on('upgrade', (_incoming, stream: SocketDuplex, head: Buffer) => {
      stream.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
      stream.write(head);
      stream.pipe(stream);
    });
    const client = connect(addressOf(listener));
    say(client, 'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nhead ');
    const answer = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nhead ';
    expect((await receive(client, answer.length)).toString()).toBe(answer);
    client.send(bytes('echo'));
    expect((await receive(client, 4)).toString()).toBe('echo');
    client.shutdown('write');
    await expectEnd(client);
  });
});
