package io.guardbee.service.ocsp;

import io.guardbee.pki.RefusedException;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.authority.Authority;
import io.guardbee.service.issuance.Issuance;
import io.guardbee.service.ocsp.OcspAnswer.Life;
import io.guardbee.service.profile.InstallationProfiles;
import io.guardbee.service.store.Database;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.operator.DigestCalculator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcDigestCalculatorProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers whether certificates are revoked, for both authorities and their predecessors (RFC 6960).
 * The status is read at each question; an answer without a nonce is signed once for many. Never
 * throws: what goes wrong is an answer too. Thread-safe.
 */
public final class OcspResponder {

  private static final Logger LOG = LoggerFactory.getLogger(OcspResponder.class);

  private static final Duration LIFE = Duration.ofHours(1);

  /** What is unknown may be issued a moment later. */
  private static final Duration UNKNOWN_LIFE = Duration.ofMinutes(1);

  private final Issuers issuers;
  private final StatusRecords records;
  private final Delegates delegates;
  private final KnownAnswers known = new KnownAnswers();
  private final Clock clock;

  /** Whose certificates it tells of, where their status is, and who certifies its own key. */
  public record Parts(
      Authorities authorities,
      Database database,
      Issuance issuance,
      InstallationProfiles profiles) {}

  public OcspResponder(Parts parts, Clock clock) {
    this.issuers = new Issuers(parts.authorities());
    this.records = new StatusRecords(parts.database(), parts.authorities());
    this.delegates = new Delegates(parts.issuance(), parts.profiles(), clock);
    this.clock = clock;
  }

  /**
   * Answers one request.
   *
   * @param der an OCSPRequest, from anybody
   */
  public OcspAnswer answer(byte[] der) {
    Optional<Question> question = Question.parse(der);
    if (question.isEmpty()) {
      return error(OCSPRespBuilder.MALFORMED_REQUEST);
    }
    Optional<Authority> authority = issuers.common(question.get().certificates());
    if (authority.isEmpty()) {
      return error(OCSPRespBuilder.UNAUTHORIZED); // RFC 5019 §2.2.3: no authoritative answer here
    }
    try {
      return answer(question.get(), authority.get());
    } catch (RefusedException e) {
      LOG.warn("OCSP: {}", e.line());
      return error(OCSPRespBuilder.TRY_LATER);
    }
  }

  private OcspAnswer answer(Question question, Authority authority) {
    List<Status> statuses =
        question.certificates().stream()
            .map(one -> records.of(authority, one.getSerialNumber()))
            .toList();
    if (question.nonce() != null || statuses.size() > 1) {
      return signed(question, authority, statuses);
    }
    CertificateID certificate = question.certificates().get(0);
    Status status = statuses.get(0);
    return known
        .of(certificate, status, clock.instant())
        .orElseGet(
            () -> {
              OcspAnswer answer = signed(question, authority, statuses);
              if (!(status instanceof Status.Unknown)) { // those are without number
                known.add(certificate, status, answer);
              }
              return answer;
            });
  }

  private OcspAnswer signed(Question question, Authority authority, List<Status> statuses) {
    Delegate delegate = delegates.of(authority);
    Life life = life(statuses, delegate);
    try {
      BasicOCSPRespBuilder draft = new BasicOCSPRespBuilder(name(delegate));
      List<CertificateID> certificates = new ArrayList<>(question.certificates());
      for (int i = 0; i < statuses.size(); i++) {
        draft.addResponse(
            certificates.get(i),
            statuses.get(i).encoded(),
            Date.from(life.produced()),
            Date.from(life.next()));
      }
      if (question.nonce() != null) {
        draft.setResponseExtensions(new Extensions(question.nonce())); // RFC 9654 §2
      }
      Object answer =
          draft.build(
              delegate.signer(),
              new X509CertificateHolder[] {delegate.certificate()},
              Date.from(life.produced()));
      byte[] der = new OCSPRespBuilder().build(OCSPRespBuilder.SUCCESSFUL, answer).getEncoded();
      return new OcspAnswer(der, question.nonce() == null ? life : null);
    } catch (OCSPException | OperatorCreationException | IOException e) {
      throw new IllegalStateException("an answer that we built encodes", e);
    }
  }

  private static RespID name(Delegate delegate) throws OperatorCreationException, OCSPException {
    DigestCalculator sha1 = new BcDigestCalculatorProvider().get(RespID.HASH_SHA1);
    return new RespID(delegate.certificate().getSubjectPublicKeyInfo(), sha1);
  }

  private Life life(List<Status> statuses, Delegate delegate) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    boolean unknown = statuses.stream().anyMatch(Status.Unknown.class::isInstance);
    Instant next = now.plus(unknown ? UNKNOWN_LIFE : LIFE);
    return new Life(now, next.isAfter(delegate.until()) ? delegate.until() : next);
  }

  private static OcspAnswer error(int status) {
    try {
      return new OcspAnswer(new OCSPRespBuilder().build(status, null).getEncoded(), null);
    } catch (OCSPException | IOException e) {
      throw new IllegalStateException("an error encodes", e);
    }
  }
}
