/** What brokers report of themselves and of those who came to their door. */
@NullMarked
package io.guardbee.service.broker;

import org.jspecify.annotations.NullMarked;
