package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.OneKey;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.service.Client.Answer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.est.CsrAttrs;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cms.CMSEnvelopedData;
import org.bouncycastle.cms.jcajce.JceKEKEnvelopedRecipient;
import org.bouncycastle.est.ESTAuth;
import org.bouncycastle.est.ESTService;
import org.bouncycastle.est.EnrollmentResponse;
import org.bouncycastle.est.jcajce.JcaJceUtils;
import org.bouncycastle.est.jcajce.JsseESTServiceBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7030 and RFC 8951, clause by clause, and with a client that others wrote. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EstClausesTest {

  private static final String EST = "/.well-known/est";
  private static final ASN1ObjectIdentifier PASSWORD =
      PKCSObjectIdentifiers.pkcs_9_at_challengePassword;
  private static final ASN1ObjectIdentifier PAIR = PKCSObjectIdentifiers.id_aa_asymmDecryptKeyID;
  private static final ASN1ObjectIdentifier SHARED = PKCSObjectIdentifiers.id_aa_decryptKeyID;

  private RunningService service;
  private Client anyone;
  private Client operator;
  private Path folder;
  private int devices;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    folder = directory;
    service =
        RunningService.start(
            directory.resolve("est"),
            "profiles:",
            "  picky:",
            "    keys: [ec-p256, rsa]",
            "    requestedNames: [\"dns:*.acme.example\"]",
            "    est:",
            "      lineLength: 0",
            "  modern:",
            "    keys: [rsa]",
            "    requestedNames: [\"dns:*.acme.example\"]",
            "    est:",
            "      csrattrs: rfc9908",
            "  sealed:",
            "    serverKeys: encrypted",
            "  bare:",
            "    serverKeys: plain");
    anyone = Client.anonymous(service.endpoints());
    operator = Client.operator(service.endpoints());
  }

  @AfterAll
  void stop() {
    service.close();
  }

  private String newDevice() {
    return "clause-" + ++devices;
  }

  private String grant(String id, String profile) {
    return operator
        .post("/v1/devices/" + id + "/grants", "{\"profile\":\"" + profile + "\"}")
        .json()
        .path("token")
        .asString();
  }

  private Answer keyFor(String profile, Csr csr) {
    String id = newDevice();
    return anyone.enrol("/serverkeygen", id, grant(id, profile), csr.base64());
  }

  @ParameterizedTest(name = "RFC 9110 15.5.6: {0} {1} is answered 405 with Allow")
  @CsvSource({
    "POST,/cacerts,'GET, HEAD'",
    "DELETE,/csrattrs,'GET, HEAD'",
    "GET,/simpleenroll,POST",
    "HEAD,/simplereenroll,POST",
    "OPTIONS,/sensor/serverkeygen,POST",
    "PUT,/sensor/simpleenroll,POST"
  })
  void otherMethodIsToldTheRightOne(String method, String path, String allow) {
    Answer answer = anyone.send(method, EST + path, "");
    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.raw().headers().firstValue("Allow")).hasValue(allow);
  }

  @Test
  void section322UnknownLabelIsRefusedEverywhere() {
    for (String operation : List.of("/cacerts", "/csrattrs")) {
      Answer strangers = anyone.get(EST + "/nonsense" + operation);
      assertThat(strangers.status()).isEqualTo(404);
      assertThat(strangers.reason()).isEqualTo(Reason.NOT_FOUND);
      assertThat(strangers.body()).contains("nonsense").doesNotContain("sensor", "gateway");
      Answer operators = operator.get(EST + "/nonsense" + operation);
      assertThat(operators.reason()).isEqualTo(Reason.PROFILE_UNKNOWN);
      assertThat(operators.body()).contains("sensor, server, station");
    }
    assertThat(anyone.get(EST + "/sensor/cacerts").certificates()).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../../v1/devices", "/%2e%2e/%2e%2e/v1/devices", "/sensor%2fcacerts", "/a/b/cacerts",
        "/;x/cacerts", "//cacerts", "/sensor/..%2fcacerts", "/%00/cacerts"
      })
  void section322PathTricksLeadNowhere(String path) {
    Answer answer = anyone.get(EST + path);
    assertThat(answer.status()).isBetween(400, 404);
    assertThat(answer.body()).doesNotContain("Exception").doesNotContain("\tat ");
  }

  @Test
  void section323AmbiguousOrMalformedCredentialsAreRefused() {
    String id = newDevice();
    String token = grant(id, "sensor");
    String body = Csr.of(Csr.newKey()).base64();
    Answer twice = anyone.enrol("/simpleenroll", id, token, body, "Authorization", "Basic eDp5");
    assertThat(twice.reason()).isEqualTo(Reason.REQUEST_MALFORMED);
    for (String bad : List.of("Basic ???", "Basic " + base64("a\u0007:b"), "Basic /////w==")) {
      Answer answer = anyone.send("POST", EST + "/simpleenroll", body, "Authorization", bad);
      assertThat(answer.reason()).as(bad).isEqualTo(Reason.REQUEST_MALFORMED);
    }
    for (String none : List.of("Bearer x", "Basic " + base64("user"), "Basic " + base64("user:"))) {
      Answer answer = anyone.send("POST", EST + "/simpleenroll", body, "Authorization", none);
      assertThat(answer.reason()).as(none).isEqualTo(Reason.TOKEN_MISSING);
    }
    assertThat(anyone.enrol("/simpleenroll", id, token, body).status()).isEqualTo(200);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void section421OtherContentTypesAreRefused() {
    String basic = "Basic " + base64("d:t");
    for (String type : List.of("application/json", "text/plain", "application/pkcs10x")) {
      Answer answer =
          anyone.send(
              "POST", EST + "/simpleenroll", "", "Authorization", basic, "Content-Type", type);
      assertThat(answer.status()).isEqualTo(415);
      assertThat(answer.reason()).isEqualTo(Reason.MEDIA_TYPE_UNSUPPORTED);
    }
    assertThat(anyone.enrol("/simpleenroll", "d", "t", "", "Content-Type", "text/plain").reason())
        .isEqualTo(Reason.REQUEST_MALFORMED);
  }

  @Test
  void section35ChallengePasswordIsNoObstacle() {
    for (String password : List.of("tls-unique-of-another-stack", "c2hvcnQ=")) {
      String id = newDevice();
      Csr csr = Csr.of(Csr.newKey()).attribute(PASSWORD, new DERPrintableString(password));
      assertThat(anyone.enrol("/simpleenroll", id, grant(id, "sensor"), csr.base64()).status())
          .isEqualTo(200);
    }
  }

  /** Java tells the connection's value from 25 on; before, there is nothing to compare with. */
  @Test
  void section35RequestOfAnotherConnectionIsRefusedWhereJavaTells() {
    String id = newDevice();
    String another = Base64.getEncoder().encodeToString(new byte[32]);
    Csr csr = Csr.of(Csr.newKey()).attribute(PASSWORD, new DERPrintableString(another));
    Answer answer = anyone.enrol("/simpleenroll", id, grant(id, "sensor"), csr.base64());
    if (Runtime.version().feature() >= 25) {
      assertThat(answer.reason()).isEqualTo(Reason.BINDING_MISMATCH);
    } else {
      assertThat(answer.status()).isEqualTo(200);
    }
  }

  @Test
  void section35RequestOfThisConnectionIsTakenWhereJavaTells() throws Exception {
    Assumptions.assumeTrue(Runtime.version().feature() >= 25, "Java tells from 25 on");
    String id = newDevice();
    URI https = URI.create(service.endpoints().https());
    try (SSLSocket socket = (SSLSocket) trusting().createSocket(https.getHost(), https.getPort())) {
      socket.startHandshake();
      byte[] value =
          (byte[])
              ExtendedSSLSession.class
                  .getMethod("exportKeyingMaterialData", String.class, byte[].class, int.class)
                  .invoke(socket.getSession(), "EXPORTER-Channel-Binding", new byte[0], 32);
      String password = Base64.getEncoder().encodeToString(value);
      Csr csr = Csr.of(Csr.newKey()).attribute(PASSWORD, new DERPrintableString(password));
      String body = csr.base64();
      String request =
          "POST /.well-known/est/simpleenroll HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
              + ("Authorization: Basic " + base64(id + ":" + grant(id, "sensor")) + "\r\n")
              + ("Content-Length: " + body.length() + "\r\n\r\n" + body);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(answer).startsWith("HTTP/1.1 200 ");
    }
  }

  private SSLSocketFactory trusting() throws Exception {
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    trust.setCertificateEntry(
        "root", Pem.readCertificates(Path.of(service.endpoints().trust())).get(0));
    TrustManagerFactory trusted = TrustManagerFactory.getInstance("PKIX");
    trusted.init(trust);
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(null, trusted.getTrustManagers(), null);
    return context.getSocketFactory();
  }

  @Test
  void section422RenewalBringsNoOtherNames() {
    String id = newDevice();
    KeyPair key = Csr.newKey();
    String token = grant(id, "picky");
    X509Certificate first =
        anyone.enrol("/simpleenroll", id, token, Csr.of(key).base64()).certificates().get(0);
    Client device = Client.with(service.endpoints(), key, first);
    for (Csr other :
        List.of(
            Csr.of(key).subject("CN=" + id + ",OU=gateway,O=Guardbee"),
            Csr.of(key).alternativeName("x.acme.example"))) {
      assertThat(device.renew(other.base64()).reason()).isEqualTo(Reason.CSR_NAME_MISMATCH);
    }
    for (Csr other :
        List.of(
            Csr.of(key).subject("CN=" + id + ",OU=gateway,O=Guardbee"),
            Csr.of(key).alternativeName("x.acme.example"))) {
      assertThat(device.post(EST + "/serverkeygen", other.base64()).reason())
          .as("whichever way the renewal takes")
          .isEqualTo(Reason.CSR_NAME_MISMATCH);
    }
    Csr same = Csr.of(key).subject(first.getSubjectX500Principal().getName());
    assertThat(device.renew(same.base64()).status()).isEqualTo(200);
  }

  @Test
  void rfc8951LinesAreAsLongAsTheProfileSays() {
    assertThat(anyone.get(EST + "/picky/cacerts").body().lines()).hasSize(1);
    Answer answer = anyone.send("GET", EST + "/cacerts", "", "Accept-Encoding", "gzip");
    assertThat(answer.raw().headers().firstValue("Content-Encoding")).isEmpty();
    assertThat(answer.raw().headers().firstValueAsLong("Content-Length").orElse(0))
        .isEqualTo(answer.body().length());
  }

  @Test
  void section452NothingToSayIsNoContent() {
    Answer answer = anyone.get(EST + "/csrattrs");
    assertThat(answer.status()).isIn(200, 204); // from Java 25 on, challengePassword is asked for
    assertThat(answer.status() == 204).isEqualTo(Runtime.version().feature() < 25);
  }

  @Test
  void section452AttributesTellKeysAndNames() {
    Answer answer = anyone.get(EST + "/picky/csrattrs");
    assertThat(answer.raw().headers().firstValue("Content-Type")).hasValue("application/csrattrs");
    String told = attributes(answer).toString();
    assertThat(told)
        .contains("1.2.840.10045.2.1", "1.2.840.10045.3.1.7", "1.2.840.113549.1.1.1", "2048")
        .contains("1.2.840.113549.1.9.14", "2.5.29.17");
    assertThat(CsrAttrs.getInstance(attributes(answer)).size()).isGreaterThanOrEqualTo(3);
  }

  @Test
  void rfc9908TemplateLeavesBlanksForTheClient() {
    ASN1Sequence all = attributes(anyone.get(EST + "/modern/csrattrs"));
    assertThat(all.size()).isEqualTo(1);
    assertThat(all.toString())
        .contains("1.2.840.113549.1.9.16.2.61", "1.2.840.113549.1.9.16.2.62", "2.5.4.3");
  }

  private static ASN1Sequence attributes(Answer answer) {
    return ASN1Sequence.getInstance(Base64.getMimeDecoder().decode(answer.body()));
  }

  @Test
  void section44KeysAreMadeOnlyWhereTheProfileSaysSo() {
    assertThat(keyFor("sensor", Csr.of(Csr.newKey())).reason()).isEqualTo(Reason.SERVER_KEYS_OFF);
    assertThat(keyFor("sealed", Csr.of(Csr.newKey())).reason())
        .isEqualTo(Reason.DECRYPT_KEY_UNUSABLE);
    Csr unknown = Csr.of(Csr.newKey()).attribute(PAIR, new DEROctetString(new byte[20]));
    assertThat(keyFor("bare", unknown).reason()).isEqualTo(Reason.DECRYPT_KEY_UNUSABLE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"EC", "RSA"})
  void section442BareKeyComesWithItsCertificate(String algorithm) throws Exception {
    KeyPair own = algorithm.equals("EC") ? Csr.newKey() : Csr.newRsaKey(2048);
    Answer answer = keyFor("bare", Csr.of(own));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(part(answer, 1)).startsWith("Content-Type: application/pkcs8\r\n");
    PrivateKey key = privateKey(algorithm, der(part(answer, 1)));
    PublicKey certified = certificate(answer).getPublicKey();
    assertThat(certified).isNotEqualTo(own.getPublic());
    assertFits(key, certified);
  }

  @ParameterizedTest
  @ValueSource(strings = {"EC", "RSA"})
  void section442EncryptedKeyIsOpenedByOpenssl(String algorithm) throws Exception {
    KeyPair own = algorithm.equals("EC") ? Csr.newKey() : Csr.newRsaKey(2048);
    Csr csr = Csr.of(own).attribute(PAIR, new DEROctetString(identifier(own.getPublic())));
    Answer answer = keyFor("sealed", csr);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(part(answer, 1)).contains("smime-type=server-generated-key");
    Path envelope = Files.write(folder.resolve("envelope"), der(part(answer, 1)));
    Path pem = folder.resolve("own.key");
    Files.writeString(pem, Pem.block("PRIVATE KEY", own.getPrivate().getEncoded()));
    Path signed = folder.resolve("signed");
    var opened =
        OpenSsl.run(
            "cms", "-decrypt", "-inform", "DER", "-in", envelope, "-inkey", pem, "-out", signed);
    assertThat(opened.exitCode()).as(opened.said()).isZero();
    PrivateKey key = privateKey(algorithm, keyPackage(Files.readAllBytes(signed)));
    assertFits(key, certificate(answer).getPublicKey());
  }

  /** A client's RSA certificate is not for key transport (RFC 5280 §4.2.1.12); EC agrees. */
  @ParameterizedTest
  @ValueSource(strings = {"EC", "RSA"})
  void section4412KeyOfTheShownCertificateIsUsedAsItsKeyUsageSays(String algorithm)
      throws Exception {
    String id = newDevice();
    boolean agrees = algorithm.equals("EC");
    KeyPair own = agrees ? Csr.newKey() : Csr.newRsaKey(2048);
    X509Certificate shown =
        anyone
            .enrol("/simpleenroll", id, grant(id, "sealed"), Csr.of(own).base64())
            .certificates()
            .get(0);
    Csr csr = Csr.of(Csr.newKey()).attribute(PAIR, new DEROctetString(identifier(own.getPublic())));
    Answer answer =
        Client.with(service.endpoints(), own, shown).post(EST + "/serverkeygen", csr.base64());
    if (agrees) {
      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    } else {
      assertThat(answer.reason()).isEqualTo(Reason.DECRYPT_KEY_UNUSABLE);
      assertThat(answer.body()).contains("whose keyUsage has no keyEncipherment");
    }
  }

  /** What stands inside is SignedData by the HTTPS server's key over an AsymmetricKeyPackage. */
  private byte[] keyPackage(byte[] signedData) throws Exception {
    ContentInfo info =
        new ContentInfo(PKCSObjectIdentifiers.signedData, ASN1Sequence.getInstance(signedData));
    Path wrapped = Files.write(folder.resolve("wrapped"), info.getEncoded());
    Path inside = folder.resolve("package");
    var verified =
        OpenSsl.run(
            "cms",
            "-verify",
            "-inform",
            "DER",
            "-in",
            wrapped,
            "-purpose",
            "any",
            "-CAfile",
            service.endpoints().trust(),
            "-binary",
            "-out",
            inside);
    assertThat(verified.exitCode()).as(verified.said()).isZero();
    ASN1Encodable first = ASN1Sequence.getInstance(Files.readAllBytes(inside)).getObjectAt(0);
    return first.toASN1Primitive().getEncoded();
  }

  @Test
  void section4411SharedKeyOpensTheEnvelope() throws Exception {
    byte[] shared = HexFormat.of().parseHex("00112233445566778899aabbccddeeff".repeat(2));
    Path directory = Files.createDirectories(service.home().deviceKeys());
    Path file = directory.resolve("6b31"); // "k1"
    Files.writeString(file, HexFormat.of().formatHex(shared) + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    byte[] name = "k1".getBytes(StandardCharsets.US_ASCII);
    Answer answer =
        keyFor("sealed", Csr.of(Csr.newKey()).attribute(SHARED, new DEROctetString(name)));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    byte[] signed =
        new CMSEnvelopedData(der(part(answer, 1)))
            .getRecipientInfos()
            .getRecipients()
            .iterator()
            .next()
            .getContent(
                new JceKEKEnvelopedRecipient(new javax.crypto.spec.SecretKeySpec(shared, "AES"))
                    .setProvider(new BouncyCastleProvider()));
    assertFits(privateKey("EC", keyPackage(signed)), certificate(answer).getPublicKey());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    Csr again = Csr.of(Csr.newKey()).attribute(SHARED, new DEROctetString(name));
    assertThat(keyFor("sealed", again).status()).as("others may read it").isEqualTo(400);
  }

  private static byte[] identifier(PublicKey key) throws Exception {
    return MessageDigest.getInstance("SHA-1")
        .digest(SubjectPublicKeyInfo.getInstance(key.getEncoded()).getPublicKeyData().getBytes());
  }

  private static String part(Answer answer, int number) {
    String type = answer.raw().headers().firstValue("Content-Type").orElseThrow();
    assertThat(type).startsWith("multipart/mixed");
    String boundary = type.substring(type.indexOf("boundary=") + "boundary=".length());
    return answer.body().split("--" + boundary, -1)[number].substring(2);
  }

  private static byte[] der(String part) {
    return Base64.getMimeDecoder().decode(part.split("\r\n\r\n", 2)[1]);
  }

  private static X509Certificate certificate(Answer answer) {
    return new Answer(200, part(answer, 2).split("\r\n\r\n", 2)[1], answer.raw())
        .certificates()
        .get(0);
  }

  private static PrivateKey privateKey(String algorithm, byte[] pkcs8) throws Exception {
    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
  }

  private static void assertFits(PrivateKey key, PublicKey certified) throws Exception {
    Signature signature = Signature.getInstance("SHA256with" + (isRsa(key) ? "RSA" : "ECDSA"));
    signature.initSign(key);
    byte[] proof = signature.sign();
    signature.initVerify(certified);
    assertThat(signature.verify(proof)).isTrue();
  }

  private static boolean isRsa(PrivateKey key) {
    return key.getAlgorithm().equals("RSA");
  }

  @Test
  void clientOfBouncyCastleGoesTheWholeWay() throws Exception {
    Security.addProvider(new BouncyCastleProvider()); // it asks for it by name
    try {
      goTheWholeWayWithBouncyCastle();
    } finally {
      Security.removeProvider("BC");
    }
  }

  private void goTheWholeWayWithBouncyCastle() throws Exception {
    ESTService est = bouncyCastle("bare").build();
    assertThat(ESTService.storeToArray(est.getCACerts().getCertificateStore())).hasSize(3);
    String id = newDevice();
    KeyPair key = Csr.newKey();
    EnrollmentResponse first =
        est.simpleEnroll(false, new PKCS10CertificationRequest(Csr.of(key).der()), auth(id));
    X509Certificate own = Pem.decode(ESTService.storeToArray(first.getStore())[0].getEncoded());
    ESTService renewing =
        bouncyCastle("bare").withKeyManager(new OneKey(key.getPrivate(), List.of(own))).build();
    EnrollmentResponse next =
        renewing.simpleEnroll(
            true, new PKCS10CertificationRequest(Csr.of(Csr.newKey()).der()), null);
    assertThat(ESTService.storeToArray(next.getStore())).hasSize(1);
    EnrollmentResponse made =
        est.simpleEnrollWithServersideCreation(
            new PKCS10CertificationRequest(Csr.of(Csr.newKey()).der()), auth(newDevice()));
    assertThat(made.getPrivateKeyInfo()).isNotNull();
    assertThat(bouncyCastle("picky").build().getCSRAttributes().hasAttributesResponse()).isTrue();
  }

  /** Sent at once: BouncyCastle's own HTTP Basic fails at the text of the 401 it waits for. */
  private ESTAuth auth(String id) {
    String basic = "Basic " + base64(id + ":" + grant(id, "bare"));
    return request -> request.setHeader("Authorization", basic);
  }

  private JsseESTServiceBuilder bouncyCastle(String label) throws Exception {
    X509Certificate root = Pem.readCertificates(Path.of(service.endpoints().trust())).get(0);
    JsseESTServiceBuilder builder =
        new JsseESTServiceBuilder(
            service.endpoints().https().substring("https://".length()),
            JcaJceUtils.getCertPathTrustManager(Set.of(new TrustAnchor(root, null)), null));
    builder.withLabel(label);
    return builder;
  }

  /** strongSwan brings a TLS stack of its own, and takes base64 in one line only. */
  @Test
  void clientOfStrongSwanEnrolsAndRenews() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/pki")), "strongswan-pki");
    String id = newDevice();
    KeyPair key = Csr.newKey();
    Path pem = folder.resolve("swan.key");
    Files.writeString(pem, Pem.block("PRIVATE KEY", key.getPrivate().getEncoded()));
    Path request = Files.write(folder.resolve("swan.csr"), Csr.of(key).subject("CN=" + id).der());
    String url = service.endpoints().https();
    Path first = folder.resolve("swan.pem");
    swan(
        first,
        "--est",
        "--url",
        url,
        "--in",
        request,
        "--cacert",
        service.endpoints().trust(),
        "--userpass",
        id + ":" + grant(id, "picky"),
        "--outform",
        "pem");
    assertThat(Pem.readCertificates(first).get(0).getPublicKey()).isEqualTo(key.getPublic());
    Path again = folder.resolve("swan.again.pem");
    swan(
        again,
        "--est",
        "--url",
        url,
        "--in",
        request,
        "--cacert",
        service.endpoints().trust(),
        "--cert",
        first,
        "--key",
        pem,
        "--outform",
        "pem");
    assertThat(Pem.readCertificates(again).get(0)).isNotEqualTo(Pem.readCertificates(first).get(0));
  }

  private void swan(Path out, Object... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("pki"));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    Path said = folder.resolve("swan.said");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(said.toFile())
            .start();
    assertThat(process.waitFor()).as(() -> read(said)).isZero();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
