/** Profiles: named issuance rules for a kind of certificate. */
@NullMarked
package io.guardbee.service.profile;

import org.jspecify.annotations.NullMarked;
