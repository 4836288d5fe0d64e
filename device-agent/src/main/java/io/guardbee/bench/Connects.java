package io.guardbee.bench;

import io.guardbee.agent.trust.ServerTrust;
import io.guardbee.bench.Enrolments.Member;
import io.guardbee.bench.measure.Workers;
import io.guardbee.bench.measure.Workers.Rate;
import io.guardbee.probe.Probe;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLContext;

/** Connects again and again with a full TLS 1.3 handshake each time, one device a thread. */
final class Connects {

  private final URI broker;
  private final InstantSource clock;
  private final List<Workers.Work> clients;

  Connects(URI broker, ServerTrust trust, List<Member> devices, InstantSource clock) {
    this.broker = broker;
    this.clock = clock;
    this.clients =
        devices.stream()
            .map(
                device -> {
                  SSLContext tls = trust.broker(device.identity());
                  return (Workers.Work) () -> connect(tls, device.id().value());
                })
            .toList();
  }

  Rate run(long seconds) throws InterruptedException {
    return Workers.run(clients, seconds);
  }

  private boolean connect(SSLContext tls, String clientId) throws IOException {
    try (Probe probe = Probe.open(tls, broker, clock.millis())) {
      int code = probe.connect(clientId);
      if (code != 0 || !probe.protocol().equals("TLSv1.3")) {
        throw new IOException(probe.protocol() + ", CONNACK " + code);
      }
      probe.forget(); // the next handshake is a full one again
      return true;
    }
  }
}
