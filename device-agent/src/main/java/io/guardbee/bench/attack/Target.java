package io.guardbee.bench.attack;

import io.guardbee.agent.enrol.EnrolToken;
import io.guardbee.agent.enrol.EstClient;
import io.guardbee.agent.enrol.SigningRequest;
import io.guardbee.agent.trust.ClientIdentity;
import io.guardbee.agent.trust.ServerTrust;
import io.guardbee.bench.broker.GuardedBroker;
import io.guardbee.launch.Guardbee;
import io.guardbee.launch.RunningUp;
import io.guardbee.operator.Api;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.NewKey;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.probe.Probe;
import java.io.IOException;
import java.net.URI;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.security.auth.x500.X500Principal;

/** A running Guardbee with some enrolled devices and its operator. */
final class Target {

  private static final List<DeviceId> DEVICES =
      Stream.of("attack-witness-1", "attack-witness-2", "attack-witness-3")
          .map(DeviceId::new)
          .toList();

  /** In turn, so that each keeps to the 100 connects a minute that a device has by default. */
  private static final Duration BETWEEN_CONNECTS = Duration.ofMillis(250);

  /** A busy operator's, not a load of its own. */
  private static final Duration BETWEEN_COMMANDS = Duration.ofMillis(50);

  private final RunningUp up;
  private final ServerTrust trust;
  private final List<ClientIdentity> devices;
  private final InstantSource clock;

  private Target(
      RunningUp up, ServerTrust trust, List<ClientIdentity> devices, InstantSource clock) {
    this.up = up;
    this.trust = trust;
    this.devices = List.copyOf(devices);
    this.clock = clock;
  }

  /** Enrols the devices. */
  static Target of(RunningUp up, InstantSource clock) throws IOException {
    ServerTrust trust = new ServerTrust(Pem.readCertificates(up.endpoints().trust()).get(0));
    EstClient est = new EstClient(up.endpoints().https(), trust.service());
    List<ClientIdentity> devices = new ArrayList<>();
    for (DeviceId id : DEVICES) {
      KeyPair keys = NewKey.p256();
      SigningRequest request =
          SigningRequest.sign(new X500Principal("CN=" + id), keys.getPublic(), keys.getPrivate());
      X509Certificate leaf = est.enroll(id, token(up.guardbee(), id), request);
      List<X509Certificate> chain = trust.chain(leaf, est.authorities(), clock.instant());
      devices.add(new ClientIdentity(keys.getPrivate(), chain));
    }
    return new Target(up, trust, devices, clock);
  }

  private static EnrolToken token(Guardbee guardbee, DeviceId id) {
    Guardbee.Result granted = guardbee.run("device", "grant", id.value());
    if (granted.exitCode() != 0) {
      throw new RefusedException(
          Reason.INTERNAL, "device grant: " + granted.complaint(), "run it by hand");
    }
    return new EnrolToken(granted.out().strip());
  }

  ProcessHandle broker() {
    return GuardedBroker.of(up).process();
  }

  boolean isAlive() {
    return up.process().isAlive();
  }

  URI mqtts() {
    return up.endpoints().mqtts();
  }

  URI https() {
    return up.endpoints().https();
  }

  URI http() {
    return up.endpoints().http();
  }

  /** TLS towards the service, without a certificate. */
  SSLContext anonymous() {
    return trust.service();
  }

  /** Devices that connect with a full handshake, publish once and leave. */
  Client device() {
    List<SSLContext> tls = devices.stream().map(trust::broker).toList();
    AtomicInteger turn = new AtomicInteger();
    return new Client(
        "a device's full mTLS connect and publish",
        BETWEEN_CONNECTS,
        () -> {
          int now = turn.getAndIncrement() % DEVICES.size();
          DeviceId id = DEVICES.get(now);
          try (Probe probe = Probe.open(tls.get(now), mqtts(), clock.millis())) {
            expectZero("CONNACK", probe.connect(id.value()));
            expectZero("PUBACK", probe.publish("devices/" + id + "/telemetry/attack", "here"));
            probe.forget(); // the next handshake is a full one again
          }
        });
  }

  private static void expectZero(String packet, int code) throws IOException {
    if (code != 0 && code != 16) { // 16: taken, and nobody subscribes
      throw new IOException(packet + " " + code);
    }
  }

  /** An operator's command: a TLS connection and one request. */
  Client operator() {
    return new Client(
        "an operator's request on a connection of its own",
        BETWEEN_COMMANDS,
        () -> Api.of(up.guardbee().home()).get("/v1/brokers"));
  }

  /** An operator's program that keeps its connection. */
  Client keptOperator() throws IOException {
    Api api = Api.of(up.guardbee().home());
    return new Client(
        "an operator's request on a kept connection",
        BETWEEN_COMMANDS,
        () -> api.get("/v1/brokers"));
  }
}
