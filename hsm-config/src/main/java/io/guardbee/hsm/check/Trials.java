package io.guardbee.hsm.check;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.check.HealthReport.Rate;
import io.guardbee.hsm.check.HealthReport.TestKey;
import io.guardbee.hsm.check.HealthReport.Trial;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.RefusedException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Signatures made for the check. Keeps the best key that signed, to measure the rate with. */
final class Trials {

  /** What a killed deep check leaves behind begins so. */
  static final String TEST_KEY = "guardbee-check-";

  private final Token token;
  private final Abilities abilities;
  private final Duration seconds;
  private @Nullable Rate rate;

  Trials(Token token, Abilities abilities, Duration seconds) {
    this.token = token;
    this.abilities = abilities;
    this.seconds = seconds;
  }

  /** Of the first signing that was good; null when there was none. */
  @Nullable Rate rate() {
    return rate;
  }

  /**
   * One key of each kind signs with each scheme of its kind.
   *
   * @param keys those that may, the ones to be taken first in front
   */
  List<Trial> withExisting(List<TokenKey> keys) {
    List<Trial> trials = new ArrayList<>();
    for (KeyType type : KeyType.values()) {
      Optional<TokenKey> key = keys.stream().filter(one -> one.type() == type).findFirst();
      key.ifPresent(found -> trials.addAll(all(found)));
    }
    return trials;
  }

  /** Makes, tries and destroys a key of every kind that the module says it can make. */
  List<TestKey> withTestKeys() {
    return Arrays.stream(KeyType.values())
        .filter(type -> token.keys().canGenerate(type))
        .map(this::withTestKey)
        .toList();
  }

  private TestKey withTestKey(KeyType type) {
    String label = TEST_KEY + UUID.randomUUID();
    long begun = System.nanoTime();
    try {
      TokenKey key = token.generate(label, type);
      long milliseconds = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
      return tried(key, milliseconds);
    } catch (RefusedException e) {
      destroyed(label); // the module may have failed after it made the key
      return new TestKey(type.toString(), 0, false, true, List.of(), e.line());
    }
  }

  private TestKey tried(TokenKey key, long milliseconds) {
    List<Trial> trials = List.of();
    boolean confined = false;
    String detail = "";
    try {
      confined = token.isConfined(key);
      trials = all(key);
    } catch (RefusedException e) {
      detail = e.line();
    }
    String left = destroyed(key.label());
    return new TestKey(
        key.type().toString(),
        milliseconds,
        confined,
        left.isEmpty(),
        trials,
        (detail + " " + left).strip());
  }

  /** Empty when no key has that label any more. */
  private String destroyed(String label) {
    try {
      token.find(label).ifPresent(token::destroy);
      return token.find(label).isEmpty() ? "" : "the test key " + label + " is still there";
    } catch (RefusedException e) {
      return "the test key " + label + " may be left: " + e.line();
    }
  }

  private List<Trial> all(TokenKey key) {
    return abilities.schemes(key.type()).stream().map(scheme -> one(key, scheme)).toList();
  }

  private Trial one(TokenKey key, Scheme scheme) {
    String detail = "";
    try {
      if (!scheme.verify(key, scheme.sign(key))) {
        detail = "the signature does not verify with the public key";
      } else if (rate == null) {
        rate = measured(key, scheme);
      }
    } catch (RefusedException e) {
      detail = e.line();
    } catch (GeneralSecurityException e) {
      detail = e.getCause() instanceof RefusedException cause ? cause.line() : e.toString();
    }
    return new Trial(key.label(), key.type().toString(), scheme.name(), detail.isEmpty(), detail);
  }

  private Rate measured(TokenKey key, Scheme scheme) throws GeneralSecurityException {
    long begun = System.nanoTime();
    long signatures = 0;
    long elapsed = 0;
    while (elapsed < seconds.toNanos()) {
      scheme.sign(key);
      signatures++;
      elapsed = System.nanoTime() - begun;
    }
    double took = elapsed / (double) TimeUnit.SECONDS.toNanos(1);
    return new Rate(
        key.label(), scheme.name(), Math.round(took * 10) / 10.0, Math.round(signatures / took));
  }
}
