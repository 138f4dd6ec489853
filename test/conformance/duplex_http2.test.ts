import { once } from 'node:events';
import http2 from 'node:http2';
import { expect, it, onTestFinished } from 'vitest';
import { Socket, type SocketDuplex } from '../../lib/index.ts';
import { all, closed, pattern, serve, streamOf } from '../support/duplex.ts';
import { describeEachHosting, type HostingUnderTest } from '../support/hosted.ts';
import { addressOf, listen } from '../support/sockets.ts';

interface Both {
  readonly server: http2.Http2Server;
  readonly client: http2.ClientHttp2Session;
  readonly streams: SocketDuplex[];
}

const both = (host: HostingUnderTest): Both => {
  const [poller, listener, streams] = [host.poller(), listen(), [] as SocketDuplex[]];
  const server = http2.createServer();
  serve(listener, { poller }, (stream) => {
    streams.push(stream);
    server.emit('connection', stream);
  });
  const client = http2.connect('http://localhost', {
    createConnection: () => {
      const stream = streamOf(Socket.connect(addressOf(listener)), { poller });
      streams.push(stream);
      return stream;
    },
  });
  onTestFinished(() => client.destroy());
  return { server, client, streams };
};

describeEachHosting('node:http2 over streams of sockets', (host) => {
  it('carries many requests at once over one connection', async () => {
    const { server, client, streams } = both(host);
    server.on('stream', (stream, headers) => {
      stream.respond({ ':status': 200 });
      stream.end(`answer to ${headers[':path']}`);
    });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => all(client.request({ ':path': `/${i}` }))));
    expect(answers.map(String)).toEqual(Array.from({ length: 20 }, (_, i) => `answer to /${i}`));
    expect(streams).toHaveLength(2);
  });

  it('carries large bodies both ways', async () => {
    const { server, client } = both(host);
    server.on('stream', (stream) => void stream.pipe(stream));
    const data = pattern(2_000_000);
    const request = client.request({ ':method': 'POST' });
    request.end(data);
    expect((await all(request)).equals(data)).toBe(true);
  });

  it('closes its connection at both ends', async () => {
    const { server, client, streams } = both(host);
    server.on('stream', (stream) => stream.end('x'));
    await all(client.request({}));
    client.close();
    await once(client, 'close');
    await Promise.all(streams.map(closed));
  });
});
