package io.guardbee.service.issuance;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.authority.Authority;
import io.guardbee.service.authority.AuthorityFiles;
import io.guardbee.service.authority.Publication;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A batch on its way: reserved in one transaction, signed side by side in the module, completed in
 * another. Thread-safe.
 */
final class Batches implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Batches.class);

  private final Authorities authorities;
  private final Publication publication;
  private final Map<String, Issuer> issuers = new HashMap<>();
  private final CertificateLedger ledger;
  private final SecureRandom random;
  private final Clock clock;
  private final ExecutorService signers;

  /**
   * @param signaturesAtOnce how many the module is asked for at one time
   */
  Batches(IssuingLine.Parts parts, int signaturesAtOnce) {
    this.authorities = parts.authorities();
    this.publication = parts.publication();
    AuthorityFiles.ROLES.forEach(
        role -> issuers.put(role, new Issuer(authorities.byRole(role), publication)));
    this.ledger = parts.ledger();
    this.random = parts.random();
    this.clock = parts.clock();
    this.signers = Executors.newFixedThreadPool(signaturesAtOnce, IssuingLine.named("signing"));
  }

  /** Whether the same request has its certificate already; throws what stands against it. */
  boolean foresee(ApprovedRequest request) {
    return ledger.foresee(prepare(request));
  }

  /**
   * Issues all of these in one transaction before the signing and one after.
   *
   * @throws RefusedException {@link Reason#STORAGE_FAILED}; then none is issued
   */
  List<Outcome> issue(List<ApprovedRequest> approved) {
    Outcome[] outcomes = new Outcome[approved.size()];
    List<ToBeSigned> drafts = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < outcomes.length; i++) {
      try {
        drafts.add(prepare(approved.get(i)));
        places.add(i);
      } catch (RefusedException e) { // such as names that no certificate can hold
        outcomes[i] = new Outcome.Refused(e);
      }
    }
    List<Outcome> issued = issueDrafts(drafts);
    for (int i = 0; i < issued.size(); i++) {
      outcomes[places.get(i)] = issued.get(i);
    }
    return List.of(outcomes);
  }

  private List<Outcome> issueDrafts(List<ToBeSigned> drafts) {
    List<Verdict> verdicts = ledger.reserve(drafts);
    Map<Reserved, CompletableFuture<Signed>> signing = new LinkedHashMap<>();
    for (Verdict verdict : verdicts) {
      if (verdict instanceof Verdict.Go go) {
        signing.put(
            go.reserved(), CompletableFuture.supplyAsync(() -> sign(go.reserved()), signers));
      }
    }
    Map<Reserved, Outcome> signed = completed(signing);
    return verdicts.stream().map(verdict -> outcome(verdict, signed)).toList();
  }

  /** Issues one by that authority, which may be one that signs for nobody else any more. */
  Outcome issueBy(Authority authority, ApprovedRequest request) {
    ToBeSigned draft = draft(request, new Issuer(authority, publication));
    Verdict verdict = ledger.reserve(List.of(draft)).get(0);
    if (!(verdict instanceof Verdict.Go go)) {
      return outcome(verdict, Map.of());
    }
    Map<Reserved, CompletableFuture<Signed>> signing = new LinkedHashMap<>();
    signing.put(
        go.reserved(),
        CompletableFuture.supplyAsync(() -> new Signed(go.reserved(), authority), signers));
    return outcome(verdict, completed(signing));
  }

  private static Outcome outcome(Verdict verdict, Map<Reserved, Outcome> signed) {
    if (verdict instanceof Verdict.Before before) {
      return new Outcome.Issued(before.certificate(), true);
    }
    return verdict instanceof Verdict.No no
        ? new Outcome.Refused(no.cause())
        : Objects.requireNonNull(signed.get(((Verdict.Go) verdict).reserved()));
  }

  /** Waits for every signature; what has none is taken back, and its right may be used again. */
  private Map<Reserved, Outcome> completed(Map<Reserved, CompletableFuture<Signed>> signing) {
    Map<Reserved, Outcome> outcomes = new LinkedHashMap<>();
    List<Signed> signed = new ArrayList<>();
    signing.forEach(
        (reserved, signature) -> {
          try {
            signed.add(signature.join());
          } catch (CompletionException e) {
            outcomes.put(reserved, new Outcome.Refused(refusal(e)));
          }
        });
    ledger.abandon(outcomes.keySet());
    List<Outcome> completed = ledger.complete(signed);
    for (int i = 0; i < completed.size(); i++) {
      outcomes.put(signed.get(i).reserved(), completed.get(i));
    }
    return outcomes;
  }

  private static RefusedException refusal(CompletionException e) {
    if (e.getCause() instanceof RefusedException refused) {
      return refused;
    }
    LOG.error("a certificate was not signed", e.getCause());
    return new RefusedException(
        Reason.MODULE_FAILED,
        "the PKCS#11 module did not sign",
        "see the service's log and the module, then try again: nothing was issued");
  }

  private ToBeSigned prepare(ApprovedRequest request) {
    return draft(request, Objects.requireNonNull(issuers.get(request.profile().issuer())));
  }

  private ToBeSigned draft(ApprovedRequest request, Issuer issuer) {
    return new ToBeSigned(request, issuer, Serial.random(random), clock);
  }

  private Signed sign(Reserved reserved) {
    return new Signed(reserved, authorities.byRole(reserved.toBeSigned().issuer()));
  }

  /** What is under way is finished. */
  @Override
  public void close() {
    signers.shutdown();
  }
}
