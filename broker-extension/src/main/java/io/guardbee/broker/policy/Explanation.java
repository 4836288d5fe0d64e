package io.guardbee.broker.policy;

import java.util.List;

/**
 * How a policy came to its rule.
 *
 * @param passedOver rules before it, and why each is not for this certificate
 * @param position of the rule that decides, counted from 1; 0 when none does
 * @param rules how many the policy has
 * @param conditions what the deciding rule asks for
 */
public record Explanation(
    List<PassedOver> passedOver, int position, int rules, List<String> conditions) {

  /**
   * A rule that is not for this certificate.
   *
   * @param because such as {@code subject.OU is gateway}, which it is not
   */
  public record PassedOver(String rule, String because, List<String> has) {
    public PassedOver {
      has = List.copyOf(has);
    }
  }

  public Explanation {
    passedOver = List.copyOf(passedOver);
    conditions = List.copyOf(conditions);
  }
}
