package io.guardbee.testing;

import io.guardbee.pki.FeedStatement;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Pem;
import io.guardbee.pki.SigningAlgorithm;
import io.guardbee.pki.ceremony.SignedRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Ceremony records of a root in memory, for tests; each method holds the next ceremony. */
public final class TestRecords {

  private final TestCa root;
  private final List<SignedRecord> records = new ArrayList<>();
  private final List<X509Certificate> revoked = new ArrayList<>();
  private String crl = "";
  private int crls;

  public TestRecords(TestCa root) {
    this.root = root;
  }

  /** Certifies authorities for a role. */
  public TestRecords certify(String role, TestCa... authorities) {
    return certify(role, Stream.of(authorities).map(TestCa::certificate).toList());
  }

  /** Certifies authorities for a role. */
  public TestRecords certify(String role, List<X509Certificate> authorities) {
    String notes =
        authorities.stream()
            .map(one -> "{\"role\":\"%s\",\"pem\":\"%s\"}".formatted(role, escaped(one)))
            .collect(Collectors.joining(","));
    return hold("rollover", notes, "null");
  }

  private static String escaped(X509Certificate certificate) {
    return Pem.certificate(certificate).replace("\n", "\\n");
  }

  /** Signs a list of revoked authorities that holds these beside those of before. */
  public TestRecords revoke(TestCa... authorities) {
    Stream.of(authorities).map(TestCa::certificate).forEach(revoked::add);
    crls++;
    try {
      Date now = Date.from(Instant.now());
      JcaX509v2CRLBuilder list = new JcaX509v2CRLBuilder(root.certificate(), now);
      list.setNextUpdate(Date.from(Instant.now().plus(Duration.ofDays(30))));
      revoked.forEach(
          one -> list.addCRLEntry(one.getSerialNumber(), now, CRLReason.cessationOfOperation));
      list.addExtension(
          Extension.cRLNumber, false, new CRLNumber(java.math.BigInteger.valueOf(crls)));
      byte[] der =
          list.build(new JcaContentSignerBuilder("SHA256withECDSA").build(root.key())).getEncoded();
      crl = Pem.block("X509 CRL", der);
    } catch (IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
    return hold(
        "crl", "", "{\"number\":%d,\"pem\":\"%s\"}".formatted(crls, crl.replace("\n", "\\n")));
  }

  private TestRecords hold(String kind, String certificates, String list) {
    String previous =
        records.isEmpty()
            ? "null"
            : "\""
                + Fingerprint.of(
                    records.get(records.size() - 1).content().getBytes(StandardCharsets.UTF_8))
                + "\"";
    String content =
        "{\"version\":1,\"number\":%d,\"kind\":\"%s\",\"previous\":%s,\"certificates\":[%s],\"crl\":%s}\n"
            .formatted(records.size() + 1, kind, previous, certificates, list);
    records.add(new SignedRecord(content, signature(root, content)));
    return this;
  }

  /** All of them, the oldest first. */
  public List<SignedRecord> all() {
    return List.copyOf(records);
  }

  /** The first so many of them. */
  public List<SignedRecord> first(int count) {
    return List.copyOf(records.subList(0, count));
  }

  /** PEM of the last list; empty when none was signed. */
  public String crl() {
    return crl;
  }

  /** Signs a statement of the feed. */
  public static FeedStatement sign(TestCa signer, String text) {
    return FeedStatement.of(
        text, Base64.getDecoder().decode(signature(signer, text)), signer.certificate());
  }

  private static String signature(TestCa signer, String content) {
    try {
      Signature signature =
          Signature.getInstance(SigningAlgorithm.of(signer.certificate().getPublicKey()));
      signature.initSign(signer.key());
      signature.update(content.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
