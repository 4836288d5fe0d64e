package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates of servers, by the names that clients know servers by (RFC 9525). */
class ServerCertificateTest {

  private static final int CURL_NAME_MISMATCH = 60;

  @TempDir private static Path directory;
  private static RunningService service;
  private static int servers;

  @BeforeAll
  static void start() throws IOException {
    service =
        RunningService.start(
            directory.resolve("home"),
            "",
            "profiles:",
            "  web:",
            "    issuer: operations",
            "    purposes: [server, client]",
            "    serverKeys: encrypted",
            "    requestedNames: [\"dns:*.plant.example\", \"ip:10.0.0.0/8\", \"ip:fd00::/8\"]");
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static String newId() {
    servers++;
    return "web-" + servers;
  }

  private static Client.Answer grant(String id, String profile, String... names) {
    String list = names.length == 0 ? "" : "\"" + String.join("\",\"", names) + "\"";
    return Client.operator(service.endpoints())
        .post(
            "/v1/devices/" + id + "/grants",
            "{\"profile\":\"%s\",\"names\":[%s]}".formatted(profile, list));
  }

  private static Client.Answer enrol(String id, Client.Answer grant, Csr csr) {
    assertThat(grant.status()).as(grant.body()).isEqualTo(201);
    String token = grant.json().path("token").asString();
    return Client.anonymous(service.endpoints()).enrol("/simpleenroll", id, token, csr.base64());
  }

  private static Csr asking(KeyPair key, GeneralName... names) throws IOException {
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    extensions.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
    return Csr.of(key)
        .attribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
  }

  private static GeneralName dns(String name) {
    return new GeneralName(GeneralName.dNSName, name);
  }

  private static GeneralName ip(String address) {
    return new GeneralName(GeneralName.iPAddress, address);
  }

  private static String names(X509Certificate certificate) throws Exception {
    return String.valueOf(certificate.getSubjectAlternativeNames());
  }

  @Test
  void serverWithoutANameIsRefusedWithTheSettingThatGivesOne() {
    String id = newId();
    Client.Answer answer = enrol(id, grant(id, "server"), Csr.of(Csr.newKey()));
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.reason()).isEqualTo(Reason.SERVER_NAME_MISSING);
    assertThat(answer.body())
        .contains("profiles.server.requestedNames in config.yaml")
        .contains("guardbee device grant " + id + " --profile server --dns NAME");
  }

  @Test
  void nameThatTheProfileDoesNotAllowIsRefusedWithTheSetting() throws Exception {
    String id = newId();
    Client.Answer answer =
        enrol(id, grant(id, "server"), asking(Csr.newKey(), dns("www.other.example")));
    assertThat(answer.reason()).isEqualTo(Reason.CSR_NAME_MISMATCH);
    assertThat(answer.body()).contains("profiles.server.requestedNames in config.yaml");
  }

  @Test
  void requestAsksForNamesThatTheProfileAllows() throws Exception {
    String id = newId();
    X509Certificate certificate =
        enrol(
                id,
                grant(id, "web"),
                asking(Csr.newKey(), dns(id + ".plant.example"), ip("10.1.2.3"), ip("fd00::7")))
            .certificates()
            .get(0);
    assertThat(names(certificate))
        .contains(id + ".plant.example", "10.1.2.3", "fd00:0:0:0:0:0:0:7");
    Path pem = Files.writeString(directory.resolve(id + ".pem"), Pem.certificate(certificate));
    for (List<String> purpose :
        List.of(
            List.of("-verify_hostname", id + ".plant.example"),
            List.of("-verify_ip", "10.1.2.3"),
            List.of("-verify_ip", "fd00::7"))) {
      assertThat(
              Published.verify(
                      service, pem, "-purpose", "sslserver", purpose.get(0), purpose.get(1))
                  .said())
          .contains(": OK");
    }
    assertThat(Published.verify(service, pem, "-verify_hostname", "x.plant.example").said())
        .contains("ostname mismatch");
  }

  @ParameterizedTest
  @CsvSource({
    "2, a.b.plant.example",
    "2, plant.example",
    "2, *.plant.example",
    "7, 11.1.2.3",
    "7, fc00::1",
    "7, 192.0.2.7"
  })
  void requestForAnyOtherNameIsRefused(int form, String name) throws Exception {
    String id = newId();
    Client.Answer answer =
        enrol(id, grant(id, "web"), asking(Csr.newKey(), new GeneralName(form, name)));
    assertThat(answer.reason()).as(answer.body()).isEqualTo(Reason.CSR_NAME_MISMATCH);
  }

  @Test
  void grantGivesNamesThatTheRequestNeedNotAskForAndRenewalsKeep() throws Exception {
    String id = newId();
    KeyPair key = Csr.newKey();
    Client.Answer grant = grant(id, "server", "dns:www.acme.example", "ip:192.0.2.7");
    X509Certificate first = enrol(id, grant, Csr.of(key)).certificates().get(0);
    assertThat(names(first)).contains("www.acme.example", "192.0.2.7");
    Client server = Client.with(service.endpoints(), key, first);
    KeyPair next = Csr.newKey();
    X509Certificate silent = server.renew(Csr.of(next).base64()).certificates().get(0);
    assertThat(silent.getSubjectAlternativeNames())
        .containsExactlyInAnyOrderElementsOf(first.getSubjectAlternativeNames());
    X509Certificate asked =
        Client.with(service.endpoints(), next, silent)
            .renew(asking(Csr.newKey(), dns("www.acme.example")).base64())
            .certificates()
            .get(0);
    assertThat(names(asked)).contains("www.acme.example");
    assertThat(
            Client.operator(service.endpoints())
                .get("/v1/devices/" + id + "/grants")
                .json()
                .path("tokens")
                .get(0)
                .path("names")
                .toString())
        .contains("dns:www.acme.example", "ip:192.0.2.7");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "www.acme.example",
        "dns:",
        "dns:my_host",
        "dns:*",
        "dns:*.example",
        "dns:a.*.example",
        "dns:10.1.2.3",
        "dns:b\u00fccher.example",
        "ip:10.1.2",
        "ip:10.1.2.300",
        "ip:fe80::1%eth0",
        "ip:www.acme.example",
        "uri:urn:acme:1"
      })
  void nameThatNoServerCanHaveIsNotGranted(String name) {
    Client.Answer answer = grant(newId(), "server", name);
    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.reason()).isEqualTo(Reason.REQUEST_MALFORMED);
  }

  @Test
  void grantGivesNoReservedNameAndDevicesNoOtherThanTheirProfile() {
    assertThat(grant(newId(), "server", "dns:localhost").reason()).isEqualTo(Reason.NAME_RESERVED);
    assertThat(grant(newId(), "server", "ip:127.0.0.1").reason()).isEqualTo(Reason.NAME_RESERVED);
    Client.Answer sensor = grant(newId(), "sensor", "dns:d.acme.example");
    assertThat(sensor.reason()).isEqualTo(Reason.NAME_NOT_GRANTED);
    assertThat(sensor.body()).contains("profiles.sensor.requestedNames");
    assertThat(grant(newId(), "server", "dns:*.acme.example", "dns:xn--bcher-kva.example").status())
        .isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ip:10.1.2.3/8", "ip:10.0.0.0/33", "ip:10.0.0/8", "ip:plant"})
  void rangeThatIsNoneRefusesTheStart(String range) {
    assertThatThrownBy(
            () ->
                RunningService.start(
                    directory.resolve("bad"),
                    "\nprofiles:\n  web: {requestedNames: [\"" + range + "\"]}\n"))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.CONFIGURATION_INVALID);
              assertThat(e.line()).contains("10.0.0.0/8");
            });
  }

  /** RSA, which keyEncipherment is for in a server's certificate; served and judged by others. */
  @Test
  void curlBelievesAServerByItsNameAndByNoOther() throws Exception {
    String id = newId();
    Path key = directory.resolve("web.key");
    Path request = directory.resolve("web.csr");
    OpenSsl.run(
        "req",
        "-new",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        key,
        "-out",
        request,
        "-subj",
        "/CN=" + id,
        "-addext",
        "subjectAltName=DNS:" + id + ".plant.example");
    Path certificate = enrolByCurl(id, request);
    assertThat(OpenSsl.run("x509", "-in", certificate, "-noout", "-text").said())
        .contains("Digital Signature, Key Encipherment")
        .contains("DNS:" + id + ".plant.example");
    int port = freePort();
    Process server =
        new ProcessBuilder(
                "openssl",
                "s_server",
                "-accept",
                "127.0.0.1:" + port,
                "-www",
                "-quiet",
                "-cert",
                certificate.toString(),
                "-key",
                key.toString(),
                "-cert_chain",
                service.home().ca().resolve("operations.pem").toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("s_server").toFile())
            .start();
    try {
      await().until(() -> accepts(port));
      assertThat(curl(id + ".plant.example", port)).isZero();
      assertThat(curl("other.plant.example", port)).isEqualTo(CURL_NAME_MISMATCH);
    } finally {
      server.destroy();
      server.waitFor();
    }
  }

  private static Path enrolByCurl(String id, Path request) throws Exception {
    String token = grant(id, "web").json().path("token").asString();
    String base64 =
        Files.readString(request)
            .lines()
            .filter(line -> !line.startsWith("-----"))
            .reduce("", String::concat);
    Path body = Files.writeString(directory.resolve("web.b64"), base64);
    Path answer = directory.resolve("web.p7");
    int exit =
        run(
            "curl",
            "-sf",
            "--cacert",
            service.endpoints().trust(),
            "-u",
            id + ":" + token,
            "-H",
            "Content-Type: application/pkcs10",
            "--data-binary",
            "@" + body,
            "-o",
            answer.toString(),
            service.endpoints().https() + "/.well-known/est/web/simpleenroll");
    assertThat(exit).isZero();
    Path pkcs7 =
        Files.writeString(
            directory.resolve("web.p7.pem"),
            "-----BEGIN PKCS7-----\n"
                + Files.readString(answer).strip()
                + "\n-----END PKCS7-----\n");
    Path certificate = directory.resolve("web.pem");
    OpenSsl.run("pkcs7", "-in", pkcs7, "-print_certs", "-out", certificate);
    return certificate;
  }

  private static int curl(String name, int port) throws Exception {
    return run(
        "curl",
        "-sf",
        "--cacert",
        service.endpoints().trust(),
        "--resolve",
        name + ":" + port + ":127.0.0.1",
        "-o",
        "/dev/null",
        "https://" + name + ":" + port + "/");
  }

  private static int run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static boolean accepts(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }
}
