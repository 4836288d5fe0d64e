/** What this node tells the service of itself and of those who came to its door. */
@NullMarked
package io.guardbee.broker.report;

import org.jspecify.annotations.NullMarked;
