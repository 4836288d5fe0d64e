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
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.probe.Probe;
import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.security.auth.x500.X500Principal;

/** A running Guardbee with one enrolled device and its operator. */
final class Target {

  private static final DeviceId DEVICE = new DeviceId("attack-witness");

  private final RunningUp up;
  private final ServerTrust trust;
  private final ClientIdentity device;
  private final InstantSource clock;

  private Target(RunningUp up, ServerTrust trust, ClientIdentity device, InstantSource clock) {
    this.up = up;
    this.trust = trust;
    this.device = device;
    this.clock = clock;
  }

  /** Enrols the device. */
  static Target of(RunningUp up, InstantSource clock) throws IOException {
    ServerTrust trust = new ServerTrust(Pem.readCertificates(up.endpoints().trust()).get(0));
    EstClient est = new EstClient(up.endpoints().https(), trust.service());
    KeyPair keys = newKey();
    SigningRequest request =
        SigningRequest.sign(new X500Principal("CN=" + DEVICE), keys.getPublic(), keys.getPrivate());
    X509Certificate leaf = est.enroll(DEVICE, token(up.guardbee()), request);
    List<X509Certificate> chain = trust.chain(leaf, est.authorities(), clock.instant());
    return new Target(up, trust, new ClientIdentity(keys.getPrivate(), chain), clock);
  }

  private static EnrolToken token(Guardbee guardbee) {
    Guardbee.Result granted = guardbee.run("device", "grant", DEVICE.value());
    if (granted.exitCode() != 0) {
      throw new RefusedException(
          Reason.INTERNAL, "device grant: " + granted.complaint(), "run it by hand");
    }
    return new EnrolToken(granted.out().strip());
  }

  private static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    }
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

  /** A device that connects with a full handshake, publishes once and leaves. */
  Client device() {
    SSLContext tls = trust.broker(device);
    return new Client(
        "a device's full mTLS connect and publish",
        () -> {
          try (Probe probe = Probe.open(tls, mqtts(), clock.millis())) {
            expectZero("CONNACK", probe.connect(DEVICE.value()));
            expectZero("PUBACK", probe.publish("devices/" + DEVICE + "/telemetry/attack", "here"));
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
        () -> Api.of(up.guardbee().home()).get("/v1/brokers"));
  }

  /** An operator's program that keeps its connection. */
  Client keptOperator() throws IOException {
    Api api = Api.of(up.guardbee().home());
    return new Client("an operator's request on a kept connection", () -> api.get("/v1/brokers"));
  }
}
