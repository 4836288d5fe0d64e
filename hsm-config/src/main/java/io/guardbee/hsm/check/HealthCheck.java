package io.guardbee.hsm.check;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.check.HealthReport.Problem;
import io.guardbee.hsm.check.HealthReport.TestKey;
import io.guardbee.hsm.check.HealthReport.Trial;
import io.guardbee.hsm.cryptoki.ModuleInfo;
import io.guardbee.hsm.cryptoki.TokenInfo;
import io.guardbee.hsm.key.Keys;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.hsm.profile.VendorProfile;
import io.guardbee.hsm.session.Library;
import io.guardbee.hsm.session.Slot;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what a token is, what it can do and whether it serves. Without {@link Wish#deep} it
 * changes nothing in the token.
 */
public final class HealthCheck {

  /**
   * What is to be checked.
   *
   * @param deep whether test keys are made and destroyed
   * @param rate how long the sign rate is measured
   * @param signers of the token's keys those that may sign for the check, the best first
   */
  public record Wish(boolean deep, Duration rate, UnaryOperator<List<TokenKey>> signers) {}

  private final Wish wish;
  private final Slot slot;
  private final Abilities abilities;
  private final List<Problem> problems = new ArrayList<>();
  private String state = "";
  private List<Trial> signatures = List.of();
  private List<TestKey> testKeys = List.of();
  private HealthReport.@Nullable Rate rate;

  private HealthCheck(Slot slot, Wish wish) {
    this.slot = slot;
    this.wish = wish;
    this.abilities = new Abilities(new Keys(slot));
  }

  /**
   * Checks the token that the URI names. What fails after the token was found stands in the report.
   *
   * @throws RefusedException {@link Reason#MODULE_MISSING}, {@link Reason#MODULE_FAILED} or {@link
   *     Reason#KEY_MISSING} when there is nothing to report on
   */
  public static HealthReport run(Pkcs11Uri uri, Wish wish, Clock clock) {
    Library library = Library.of(uri);
    HealthCheck check = new HealthCheck(library.slot(uri), wish);
    Instant now = clock.instant();
    TokenInfo before = check.info(library); // a right PIN takes the signs of wrong ones away
    check.use(uri);
    return check.report(library.info(), new TokenDescription(before, check.slot), now);
  }

  /** As it is now, not as it was when this process first met the token. */
  private TokenInfo info(Library library) {
    return library.tokens().stream()
        .filter(token -> token.slot() == slot.token().slot())
        .findFirst()
        .orElseGet(slot::token);
  }

  private void use(Pkcs11Uri uri) {
    abilities.needs().forEach(this::problem);
    try (Token token = Token.open(uri)) {
      Trials trials = new Trials(token, abilities, wish.rate());
      signatures = trials.withExisting(wish.signers().apply(token.list()));
      signatures.forEach(this::judge);
      if (wish.deep()) {
        testKeys = trials.withTestKeys();
        testKeys.forEach(this::judge);
      }
      rate = trials.rate();
      state = token.health().line();
    } catch (RefusedException e) {
      problem(e);
      state = "not usable: " + e.detail();
    }
  }

  private void judge(Trial trial) {
    if (!trial.good()) {
      problems.add(
          new Problem(
              Reason.MODULE_FAILED.toString(),
              trial.scheme()
                  + " with the "
                  + trial.kind()
                  + " key "
                  + trial.key()
                  + ": "
                  + trial.detail(),
              "use keys and algorithms whose signatures are good below, and ask the module's vendor"));
    }
  }

  private void judge(TestKey key) {
    key.signatures().forEach(this::judge);
    if (!key.detail().isEmpty() || !key.destroyed()) {
      problems.add(
          new Problem(
              Reason.MODULE_FAILED.toString(),
              "a test key " + key.kind() + ": " + key.detail(),
              "use a kind of key that went well, and look into the module's own log"));
    } else if (!key.confined()) {
      problems.add(
          new Problem(
              Reason.MODULE_FAILED.toString(),
              "a test key " + key.kind() + " was made that may leave the module",
              "do not use this module for " + key.kind() + " keys"));
    }
  }

  private void problem(RefusedException refusal) {
    problems.add(new Problem(refusal.reason().toString(), refusal.detail(), refusal.nextStep()));
  }

  private HealthReport report(ModuleInfo info, TokenDescription token, Instant now) {
    VendorProfile profile = slot.profile();
    return new HealthReport(
        problems.isEmpty(),
        now.toString(),
        List.copyOf(problems),
        new HealthReport.Module(
            slot.library().file().toString(),
            info.manufacturer(),
            info.description(),
            info.version(),
            info.cryptokiVersion()),
        new HealthReport.Profile(profile.name(), profile.title(), profile.origin()),
        token.facts(),
        state,
        token.pin(),
        token.sessions(),
        token.clock(now),
        abilities.all(),
        signatures,
        rate,
        testKeys);
  }
}
