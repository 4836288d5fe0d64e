/** What is known of each vendor's PKCS#11 module, read from data files that users can add to. */
@NullMarked
package io.guardbee.hsm.profile;

import org.jspecify.annotations.NullMarked;
