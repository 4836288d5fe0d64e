package io.guardbee.hsm.check;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a check found, in plain values: {@link ReportJson} prints it as it stands.
 *
 * @param healthy whether Guardbee can work with the token
 * @param at when, in ISO 8601
 * @param problems why it cannot, empty when healthy
 * @param state ready or not, since when and why, as the token's health line tells it
 * @param clock what the token's clock says, or none
 * @param rate null when no key could sign
 * @param testKeys what a deep check made and destroyed; empty for another
 */
public record HealthReport(
    boolean healthy,
    String at,
    List<Problem> problems,
    Module module,
    Profile profile,
    TokenFacts token,
    String state,
    PinState pin,
    Sessions sessions,
    String clock,
    List<Ability> abilities,
    List<Trial> signatures,
    @Nullable Rate rate,
    List<TestKey> testKeys) {

  /**
   * Something that Guardbee needs and does not get.
   *
   * @param reason the stable code
   * @param instead what works in its place, or what to do
   */
  public record Problem(String reason, String detail, String instead) {}

  /** What the library tells of itself. */
  public record Module(
      String file,
      String manufacturer,
      String description,
      String version,
      String cryptokiVersion) {}

  /** The vendor profile in force. */
  public record Profile(String name, String title, String origin) {}

  /** What the module tells of the token; flags by their names without {@code CKF_}. */
  public record TokenFacts(
      long slot,
      String label,
      String serial,
      String manufacturer,
      String model,
      String firmware,
      List<String> flags) {}

  /**
   * What is told of the user's PIN, before this check logged in.
   *
   * @param state good, count-low, final-try or locked
   */
  public record PinState(String state, String detail) {}

  /**
   * How many sessions there may be.
   *
   * @param guardbee what Guardbee opens at most
   */
  public record Sessions(String token, String profile, int guardbee, String open) {}

  /**
   * What the token can do with keys of one kind.
   *
   * @param needed whether Guardbee cannot work without
   * @param signs scheme to mechanism
   * @param missing what it has not, each as a refusal tells it
   */
  public record Ability(
      String kind,
      boolean needed,
      boolean makes,
      Map<String, String> signs,
      List<String> missing) {}

  /**
   * A signature made in the token and verified outside of it.
   *
   * @param detail why it is not good; empty otherwise
   */
  public record Trial(String key, String kind, String scheme, boolean good, String detail) {}

  /** Signatures of one thread, each verified before it is given out. */
  public record Rate(String key, String scheme, double seconds, long perSecond) {}

  /**
   * A key that was made for the check.
   *
   * @param detail what went wrong; empty when all went well
   */
  public record TestKey(
      String kind,
      long millisecondsToMake,
      boolean confined,
      boolean destroyed,
      List<Trial> signatures,
      String detail) {}
}
