package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Pem;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.Assertions;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.bouncycastle.operator.bc.BcDigestCalculatorProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Questions about single certificates (RFC 6960, RFC 5019, RFC 9654), by openssl, Java and hand.
 */
class OcspTest {

  private static final String REQUEST = "application/ocsp-request";

  @TempDir private Path directory;
  private final Hand clock = new Hand();
  private RunningService service;
  private int devices;

  @BeforeEach
  void start() throws Exception {
    service = RunningService.start(clock, directory.resolve("home"));
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private X509Certificate enrol() {
    devices++;
    String id = "o-" + devices;
    String token =
        Client.operator(service.endpoints())
            .post("/v1/devices/" + id + "/grants", "")
            .json()
            .path("token")
            .asString();
    return Client.anonymous(service.endpoints())
        .enrol("/simpleenroll", id, token, Csr.of(Csr.newKey()).base64())
        .certificates()
        .get(0);
  }

  private void revoke(X509Certificate device) {
    String id = io.guardbee.pki.Subject.of(device.getSubjectX500Principal()).values("CN").get(0);
    Client.operator(service.endpoints())
        .post("/v1/devices/" + id + "/revocation", "{\"reason\":\"keyCompromise\"}");
  }

  private X509Certificate authority(String role) throws Exception {
    return Pem.readCertificates(service.home().ca().resolve(role + ".pem")).get(0);
  }

  private String url() {
    return service.endpoints().http() + "/ocsp";
  }

  /** What {@code openssl ocsp} says, with a nonce. */
  static String ask(RunningService service, X509Certificate device, int generation, String url)
      throws Exception {
    Path folder = service.home().directory();
    Path issuer = folder.resolve("ocsp-issuer.pem");
    Files.writeString(
        issuer,
        Pem.certificate(
            Pem.readCertificates(service.home().ca().resolve("issuing.pem")).get(generation)));
    Path certificate = Files.writeString(folder.resolve("ocsp-cert.pem"), Pem.certificate(device));
    return OpenSsl.run(
            "ocsp",
            "-issuer",
            issuer,
            "-cert",
            certificate,
            "-url",
            url,
            "-CAfile",
            service.home().ca().resolve("chain.pem"),
            "-resp_text")
        .said();
  }

  private static byte[] question(CertificateID certificate, byte @Nullable [] nonce)
      throws Exception {
    OCSPReqBuilder request = new OCSPReqBuilder().addRequest(certificate);
    if (nonce != null) {
      request.setRequestExtensions(
          new Extensions(
              new Extension(
                  OCSPObjectIdentifiers.id_pkix_ocsp_nonce,
                  false,
                  new DEROctetString(nonce).getEncoded())));
    }
    return request.build().getEncoded();
  }

  private CertificateID id(String role, BigInteger serial) throws Exception {
    return new CertificateID(
        new BcDigestCalculatorProvider().get(CertificateID.HASH_SHA1),
        new JcaX509CertificateHolder(authority(role)),
        serial);
  }

  private byte[] question(X509Certificate device) throws Exception {
    return question(id("issuing", device.getSerialNumber()), null);
  }

  private OCSPResp post(byte[] question) throws Exception {
    HttpResponse<byte[]> response = Published.post(url(), REQUEST, question);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue("application/ocsp-response");
    return new OCSPResp(response.body());
  }

  private static CertificateStatus status(OCSPResp response) throws Exception {
    BasicOCSPResp basic = (BasicOCSPResp) response.getResponseObject();
    return basic.getResponses()[0].getCertStatus();
  }

  @Test
  void opensslIsToldGoodThenRevoked() throws Exception {
    X509Certificate device = enrol();
    assertThat(ask(service, device, 0, Published.responder(device)))
        .contains("Response verify OK")
        .doesNotContain("WARNING")
        .contains(": good")
        .contains("OCSP No Check")
        .contains("OCSP Signing");
    revoke(device);
    assertThat(ask(service, device, 0, url()))
        .contains("Response verify OK")
        .contains(": revoked")
        .contains("Reason: keyCompromise");
  }

  /** A second judge: Java's own path validation. */
  @Test
  void javaIsToldTheSame() throws Exception {
    X509Certificate device = enrol();
    validate(device);
    revoke(device);
    Assertions.assertThatThrownBy(() -> validate(device))
        .isInstanceOf(CertPathValidatorException.class)
        .hasMessageContaining("revoked");
  }

  private void validate(X509Certificate device) throws Exception {
    CertPathValidator validator = CertPathValidator.getInstance("PKIX");
    PKIXRevocationChecker ocsp = (PKIXRevocationChecker) validator.getRevocationChecker();
    ocsp.setOptions(
        EnumSet.of(
            PKIXRevocationChecker.Option.ONLY_END_ENTITY,
            PKIXRevocationChecker.Option.NO_FALLBACK));
    ocsp.setOcspResponder(URI.create(url()));
    PKIXParameters parameters =
        new PKIXParameters(Set.of(new TrustAnchor(authority("root"), null)));
    parameters.addCertPathChecker(ocsp);
    validator.validate(
        CertificateFactory.getInstance("X.509")
            .generateCertPath(List.of(device, authority("issuing"))),
        parameters);
  }

  @Test
  void operationsAuthorityIsAnsweredForToo() throws Exception {
    X509Certificate operator =
        Pem.readCertificates(service.home().operator().resolve("operator.pem")).get(0);
    OCSPResp response = post(question(id("operations", operator.getSerialNumber()), null));
    assertThat(status(response)).isEqualTo(CertificateStatus.GOOD);
    X509CertificateHolder signer = ((BasicOCSPResp) response.getResponseObject()).getCerts()[0];
    assertThat(signer.getIssuer())
        .isEqualTo(new JcaX509CertificateHolder(authority("operations")).getSubject());
    Path pem =
        Files.writeString(
            directory.resolve("responder.pem"), Pem.block("CERTIFICATE", signer.getEncoded()));
    assertThat(Published.verify(service, pem).exitCode()).isZero();
  }

  @Test
  void certificateNeverIssuedIsUnknown() throws Exception {
    CertificateID other = id("issuing", new BigInteger("4711"));
    assertThat(status(post(question(other, null)))).isInstanceOf(UnknownStatus.class);
    CertificateID negative = id("issuing", new BigInteger("-4711"));
    assertThat(status(post(question(negative, null)))).isInstanceOf(UnknownStatus.class);
    X509Certificate device = enrol();
    CertificateID elsewhere = id("operations", device.getSerialNumber());
    assertThat(status(post(question(elsewhere, null)))).isInstanceOf(UnknownStatus.class);
  }

  /** One answer has one signer, who speaks for one authority. */
  @Test
  void requestAboutTwoIssuersIsRefusedAsAWhole() throws Exception {
    X509Certificate device = enrol();
    X509Certificate operator =
        Pem.readCertificates(service.home().operator().resolve("operator.pem")).get(0);
    CertificateID one = id("issuing", device.getSerialNumber());
    CertificateID other = id("operations", operator.getSerialNumber());
    CertificateID stranger =
        new CertificateID(
            new BcDigestCalculatorProvider().get(CertificateID.HASH_SHA1),
            new JcaX509CertificateHolder(io.guardbee.testing.TestCa.root().certificate()),
            BigInteger.TEN);
    for (List<CertificateID> mixed :
        List.of(List.of(one, other), List.of(other, one), List.of(one, stranger))) {
      OCSPReqBuilder request = new OCSPReqBuilder();
      mixed.forEach(request::addRequest);
      assertThat(post(request.build().getEncoded()).getStatus()).isEqualTo(OCSPResp.UNAUTHORIZED);
    }
    OCSPReqBuilder same =
        new OCSPReqBuilder().addRequest(one).addRequest(id("issuing", BigInteger.TEN));
    BasicOCSPResp basic = (BasicOCSPResp) post(same.build().getEncoded()).getResponseObject();
    assertThat(basic.getResponses()[0].getCertStatus()).isEqualTo(CertificateStatus.GOOD);
    assertThat(basic.getResponses()[1].getCertStatus()).isInstanceOf(UnknownStatus.class);
  }

  @Test
  void hashesBeyondSha1AreUnderstood() throws Exception {
    X509Certificate device = enrol();
    CertificateID sha256 =
        new CertificateID(
            new BcDigestCalculatorProvider()
                .get(new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256)),
            new JcaX509CertificateHolder(authority("issuing")),
            device.getSerialNumber());
    OCSPResp response = post(question(sha256, null));
    assertThat(status(response)).isEqualTo(CertificateStatus.GOOD);
    assertThat(((BasicOCSPResp) response.getResponseObject()).getResponses()[0].getCertID())
        .isEqualTo(sha256);
  }

  /** RFC 9654: given back, and a signature of its own. */
  @Test
  void nonceIsGivenBack() throws Exception {
    CertificateID device = id("issuing", enrol().getSerialNumber());
    byte[] nonce = new byte[32];
    nonce[0] = 7;
    HttpResponse<byte[]> response = Published.post(url(), REQUEST, question(device, nonce));
    assertThat(response.headers().firstValue("cache-control")).hasValue("no-store");
    BasicOCSPResp basic = (BasicOCSPResp) new OCSPResp(response.body()).getResponseObject();
    assertThat(basic.getExtension(OCSPObjectIdentifiers.id_pkix_ocsp_nonce).getParsedValue())
        .isEqualTo(new DEROctetString(nonce));
    for (int length : new int[] {0, 129}) {
      assertThat(post(question(device, new byte[length])).getStatus())
          .as("RFC 9654 §2.1")
          .isEqualTo(OCSPResp.MALFORMED_REQUEST);
    }
  }

  /** Without a nonce a signature serves many; a revocation shows at once all the same. */
  @Test
  void answerWithoutNonceIsSignedOnceUntilTheStatusChanges() throws Exception {
    X509Certificate device = enrol();
    OCSPResp first = post(question(device));
    clock.advance(Duration.ofSeconds(2));
    assertThat(post(question(device)).getEncoded()).isEqualTo(first.getEncoded());
    clock.advance(Duration.ofMinutes(31));
    OCSPResp later = post(question(device));
    assertThat(later.getEncoded()).isNotEqualTo(first.getEncoded());
    revoke(device);
    assertThat(status(post(question(device)))).isInstanceOf(RevokedStatus.class);
  }

  /** RFC 5019 §5 and §6: GET, with headers that let caches keep the answer. */
  @Test
  void getIsAnsweredAndMayBeCached() throws Exception {
    X509Certificate device = enrol();
    String base64 = Base64.getEncoder().encodeToString(question(device));
    HttpResponse<byte[]> encoded =
        Published.get(url() + "/" + URLEncoder.encode(base64, StandardCharsets.US_ASCII));
    assertThat(encoded.statusCode()).isEqualTo(200);
    assertThat(status(new OCSPResp(encoded.body()))).isEqualTo(CertificateStatus.GOOD);
    HttpResponse<byte[]> plain = Published.get(url() + "/" + base64);
    assertThat(plain.body()).isEqualTo(encoded.body());
    assertThat(encoded.headers().firstValue("cache-control").orElseThrow())
        .as("a copy hides a revocation for as long")
        .isEqualTo("public, no-transform, max-age=60");
    String tag = encoded.headers().firstValue("etag").orElseThrow();
    assertThat(Published.get(url() + "/" + base64, "If-None-Match", tag).statusCode())
        .isEqualTo(304);
  }

  /** Slashes, one after the other, are of no path that means a resource. */
  @Test
  void slashesOfBase64DoNoHarm() throws Exception {
    byte[] ones = new byte[18];
    java.util.Arrays.fill(ones, (byte) 0xff);
    CertificateID id = id("issuing", new BigInteger(1, ones));
    String base64 = Base64.getEncoder().encodeToString(question(id, null));
    assertThat(base64).contains("//");
    for (String path : List.of(base64, URLEncoder.encode(base64, StandardCharsets.US_ASCII))) {
      OCSPResp response = new OCSPResp(Published.get(url() + "/" + path).body());
      assertThat(status(response)).isInstanceOf(UnknownStatus.class);
    }
  }

  @Test
  void issuerOfSomebodyElseIsUnauthorized() throws Exception {
    X509CertificateHolder stranger =
        new JcaX509CertificateHolder(io.guardbee.testing.TestCa.root().certificate());
    CertificateID id =
        new CertificateID(
            new BcDigestCalculatorProvider().get(CertificateID.HASH_SHA1),
            stranger,
            BigInteger.TEN);
    OCSPResp response = post(question(id, null));
    assertThat(response.getStatus()).isEqualTo(OCSPResp.UNAUTHORIZED);
  }

  @Test
  void badQuestionsAreMalformedAndNothingElse() throws Exception {
    ByteArrayOutputStream deep = new ByteArrayOutputStream();
    for (int i = 0; i < 2000; i++) {
      deep.write(new byte[] {0x30, (byte) 0x80});
    }
    byte[] nested = deep.toByteArray();
    byte[] wrapped = new byte[nested.length + 4];
    System.arraycopy(new byte[] {0x30, (byte) 0x82, 0x0f, (byte) 0xa0}, 0, wrapped, 0, 4);
    System.arraycopy(nested, 0, wrapped, 4, nested.length);
    byte[] trailing = java.util.Arrays.copyOf(question(enrol()), 200);
    for (byte[] bad :
        List.of(new byte[0], new byte[] {5}, new byte[9000], nested, wrapped, trailing)) {
      assertThat(post(bad).getStatus()).isEqualTo(OCSPResp.MALFORMED_REQUEST);
    }
    for (String asked : List.of("", "/", "/AAAA", "/!")) {
      assertThat(new OCSPResp(Published.get(url() + asked).body()).getStatus())
          .isEqualTo(OCSPResp.MALFORMED_REQUEST);
    }
    assertThat(Published.post(url(), "text/plain", question(enrol())).statusCode()).isEqualTo(415);
  }

  /** What was refused as a path before OCSP came still is. */
  @Test
  void otherPathsGainNothing() throws Exception {
    String http = service.endpoints().http();
    assertThat(Published.get(http + "/v1/devices").statusCode()).isEqualTo(404);
    assertThat(Published.get(http + "/v1%2Fdevices").statusCode()).isEqualTo(400);
    assertThat(Published.get(http + "/ca//root.pem").statusCode()).isEqualTo(400);
    HttpResponse<byte[]> up = Published.get(http + "/ocsp/../v1/devices");
    assertThat(up.headers().firstValue("content-type")).hasValue("application/ocsp-response");
    assertThat(new OCSPResp(up.body()).getStatus()).isEqualTo(OCSPResp.MALFORMED_REQUEST);
  }

  @Test
  void responderIsRenewedBeforeItsEnd() throws Exception {
    X509Certificate device = enrol();
    X509CertificateHolder first = signer(post(question(device)));
    clock.advance(Duration.ofHours(13));
    X509CertificateHolder next = signer(post(question(device)));
    assertThat(next.getSerialNumber()).isNotEqualTo(first.getSerialNumber());
    assertThat(next.getNotAfter()).isAfter(first.getNotAfter());
  }

  private static X509CertificateHolder signer(OCSPResp response) throws Exception {
    return ((BasicOCSPResp) response.getResponseObject()).getCerts()[0];
  }
}
